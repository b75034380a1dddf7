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
    const db = new Kysely<Schema>({ dialect: await sqliteDialect(place.file) })
    return ready('sqlite', db, localMessages(), clock, place.file)
  }
  const at = parsePostgresUrl(place.url)
  const object = `${at.host}:${at.port}/${at.database}`
  const pool = postgresPool(at, error =>
    logger.warn('the database ended a connection', { error: redact(error.message) }),
  )
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  try {
    const messages = await postgresMessages({ pool, place: at, clock, logger })
    return await ready('postgresql', db, messages, clock, object)
  } catch (error) {
    await db.destroy().catch(() => {})
    throw asStoreError(error, object)
  }
}

async function ready(kind: Store['kind'], db: Db, messages: Messages, clock: Clock, object: string): Promise<Store> {
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
    async close() {
      await messages.close()
      await db.destroy()
    },
  }
}

/** What a database says when it is away: connection failures, shutdown, too many connections, a login that is refused. */
const away =
  /^(?:08|53|57P|28|3D)|^E(?:CONN|NOTFOUND|AI_AGAIN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|ACCES)|CERT|TLS|SELF_SIGNED/

/** What SQLite says when the place of its file does not do as it should, by its primary code (sqlite.org/rescode.html). */
const cannotKeep: Readonly<Record<number, string>> = {
  5: 'it is locked by another program',
  6: 'it is locked by another program',
  8: 'its file cannot be written',
  10: 'its disk fails',
  13: 'its disk is full',
  14: 'its file cannot be opened',
}

/** A failure of the database as the registry's error; any other as it is. */
export function asStoreError(error: unknown, object?: string): unknown {
  if (error instanceof SluiceError || !(error instanceof Error)) return error
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  const kept = typeof errcode === 'number' ? cannotKeep[errcode & 0xff] : undefined
  if (kept !== undefined)
    return new SluiceError('E_STORE_UNREACHABLE', {
      object: object ?? 'the database',
      seen: kept,
      next: 'Make room on the disk of the data folder, or end what holds the file; then try again.',
      cause: error,
    })
  const gone =
    (typeof code === 'string' && away.test(code)) || /connection terminated|timeout expired/i.test(error.message)
  if (!gone) return error
  return new SluiceError('E_STORE_UNREACHABLE', {
    ...(object === undefined ? {} : { object }),
    seen: redact(error.message),
    cause: error,
  })
}

/** Whether a row could not be written because another one has its key. */
export function isDuplicate(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return code === '23505' || (typeof message === 'string' && /UNIQUE constraint failed/.test(message))
}
