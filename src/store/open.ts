import { Kysely, PostgresDialect, sql } from 'kysely'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import { redact, type Secret } from '../secrets/secret.ts'
import { localMessages, type Messages } from './messages.ts'
import { migrate } from './migrate.ts'
import { postgresMessages } from './postgres-messages.ts'
import { postgresPool } from './postgres-pool.ts'
import { parsePostgresUrl } from './postgres-url.ts'
import type { Db, Schema } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { asStoreError } from './store-error.ts'
import { WriteTrouble } from './write-trouble.ts'

export interface StoreOptions {
  /** `{ file }`: SQLite; `{ url }`: PostgreSQL, which several servers may share. */
  readonly place: { readonly file: string } | { readonly url: Secret }
  readonly clock: Clock
  readonly logger?: Logger
}

/** Where the server keeps everything. */
export interface Store {
  readonly kind: 'sqlite' | 'postgresql'
  /** What is read and written outside a transaction. Inside one, use the transaction's own: SQLite has one connection. */
  readonly db: Db
  /** Between the servers that share the store. */
  readonly messages: Messages
  /** All of `work` or nothing of it. */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>
  /** A transaction that waits for others of the same name, on every server: for rules over more than one row. */
  exclusively<T>(name: string, work: (db: Db) => Promise<T>): Promise<T>
  /** Asks the database for a sign of life. Fails with E_STORE_UNREACHABLE. */
  ping(): Promise<void>
  /** Why it took no write when one was tried last: a phrase; undefined while it takes them, as far as is known. */
  trouble(): string | undefined
  /** Writes something and takes it away again when there is trouble, to see whether there is any more. */
  tryAgain(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the store and brings its schema up to date.
 *
 * @example
 * const store = await openStore({ place: { file: '.sluice/server/sluice.db' }, clock: systemClock })
 *
 * @throws E_STORE_OPEN, E_STORE_URL, E_STORE_UNREACHABLE, E_STORE_NEWER, E_STORE_MIGRATION
 */
export async function openStore({ place, clock, logger = silentLogger }: StoreOptions): Promise<Store> {
  if ('file' in place) {
    const trouble = new WriteTrouble()
    const db = new Kysely<Schema>({ dialect: await sqliteDialect(place.file), log: trouble.log })
    return ready({ kind: 'sqlite', db, messages: localMessages(), clock, object: place.file, trouble })
  }
  const at = parsePostgresUrl(place.url)
  const object = `${at.host}:${at.port}/${at.database}`
  const pool = postgresPool(at, error =>
    logger.warn('the database ended a connection', { error: redact(error.message) }),
  )
  const trouble = new WriteTrouble()
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log: trouble.log })
  try {
    const messages = await postgresMessages({ pool, place: at, clock, logger })
    return await ready({ kind: 'postgresql', db, messages, clock, object, trouble })
  } catch (error) {
    await db.destroy().catch(() => {})
    throw asStoreError(error, object)
  }
}

interface Parts {
  readonly kind: Store['kind']
  readonly db: Db
  readonly messages: Messages
  readonly clock: Clock
  readonly object: string
  readonly trouble: WriteTrouble
}

async function ready({ kind, db, messages, clock, object, trouble }: Parts): Promise<Store> {
  try {
    await migrate(db, kind, clock.now())
  } catch (error) {
    await messages.close()
    await db.destroy()
    if (kind === 'sqlite' && !(error instanceof SluiceError)) {
      const seen = error instanceof Error ? error.message : String(error)
      throw new SluiceError('E_STORE_OPEN', { object, seen, cause: error })
    }
    throw error
  }
  return {
    kind,
    db,
    messages,
    transaction: work => db.transaction().execute(work),
    exclusively: (name, work) =>
      db.transaction().execute(async tx => {
        // SQLite has one writer anyway.
        if (kind === 'postgresql') await sql`SELECT pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx)
        return work(tx)
      }),
    async ping() {
      await sql`SELECT 1`.execute(db).catch(error => {
        throw asStoreError(error, object)
      })
    },
    trouble: () => trouble.why,
    tryAgain: () => trouble.tryAgain(db),
    async close() {
      await messages.close()
      await db.destroy()
    },
  }
}
