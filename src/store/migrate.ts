import { type Kysely, sql } from 'kysely'
import { SluiceError } from '../base/errors/index.ts'
import { redact } from '../secrets/secret.ts'
import { type Migration, type MigrationTools, migrations } from './migrations/index.ts'
import type { Schema } from './schema.ts'

/** Of PostgreSQL's advisory locks: `slui` as a number. */
const lockNumber = 0x73_6c_75_69

const numberedId: Record<'sqlite' | 'postgresql', MigrationTools['numberedId']> = {
  sqlite: { type: 'integer', with: column => column.primaryKey().autoIncrement() },
  postgresql: { type: 'bigserial', with: column => column.primaryKey() },
}

/**
 * Brings the schema up to date: all steps that are missing, in one transaction, by one server at a time. What fails is
 * undone as a whole. Fails with E_STORE_NEWER, E_STORE_MIGRATION.
 */
export async function migrate(
  db: Kysely<Schema>,
  kind: 'sqlite' | 'postgresql',
  now: Date,
  all: readonly Migration[] = migrations,
): Promise<readonly string[]> {
  return db.transaction().execute(async transaction => {
    // biome-ignore lint/suspicious/noExplicitAny: a table that only this file knows
    const tx = transaction as Kysely<any>
    // SQLite's transactions are immediate: they are the lock.
    if (kind === 'postgresql') await sql`SELECT pg_advisory_xact_lock(${sql.lit(lockNumber)})`.execute(tx)
    await tx.schema
      .createTable('migrations')
      .ifNotExists()
      .addColumn('name', 'text', column => column.primaryKey())
      .addColumn('at', 'text', column => column.notNull())
      .execute()
    const rows: { name: string }[] = await tx.selectFrom('migrations').select('name').orderBy('name').execute()
    const done = new Set(rows.map(row => row.name))
    for (const migration of all) done.delete(migration.name)
    const [unknown] = done
    if (unknown !== undefined) {
      throw new SluiceError('E_STORE_NEWER', { expected: `at most ${all.at(-1)?.name}`, seen: unknown })
    }
    const have = new Set(rows.map(row => row.name))
    const missing = all.filter(migration => !have.has(migration.name))
    for (const { name, up } of missing) {
      try {
        await up({ db: tx, numberedId: numberedId[kind] })
        await tx.insertInto('migrations').values({ name, at: now.toISOString() }).execute()
      } catch (cause) {
        const seen = redact(cause instanceof Error ? cause.message : String(cause))
        throw new SluiceError('E_STORE_MIGRATION', { object: name, seen, cause })
      }
    }
    return missing.map(migration => migration.name)
  })
}
