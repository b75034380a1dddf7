import { chmod, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { type Dialect, SqliteDialect } from 'kysely'
import { LRUCache } from 'lru-cache'
import { SluiceError } from '../base/errors/index.ts'

type Database = InstanceType<typeof DatabaseSync>
type Value = string | number | bigint | null | Uint8Array

/**
 * How long a write waits for another program that writes to the file, in milliseconds. The whole server waits with it, for a
 * call of SQLite does not give way; no other server writes to it, so what holds it longer is somebody's tool.
 */
const busyMs = 250

/** Prepared statements that are kept; a statement is a few kilobytes. */
const keptStatements = 500

/**
 * SQLite in one file of mode 0600, durable at each commit (WAL, synchronous FULL): users, audit and sealed secrets are
 * worth the sync. Fails with E_STORE_OPEN.
 */
export async function sqliteDialect(file: string): Promise<Dialect> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    // Made by us before SQLite does, which would give it the mode of the umask; its -wal and -shm take the same mode.
    await (await open(file, 'a', 0o600)).close()
    await chmod(file, 0o600)
    const database = new DatabaseSync(file)
    try {
      database.exec(
        `PRAGMA busy_timeout = ${busyMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;`,
      )
    } catch (error) {
      database.close()
      throw error
    }
    return new SqliteDialect({ database: adapted(database) })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new SluiceError('E_STORE_OPEN', { object: file, seen: message ?? code ?? String(cause), cause })
  }
}

/** What kysely asks of a database, over the API of node:sqlite. */
function adapted(database: Database) {
  const statements = new LRUCache<string, ReturnType<Database['prepare']>>({ max: keptStatements })
  return {
    close() {
      // Everything in the one file again: who copies it while no server runs has all of it.
      statements.clear()
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      database.close()
    },
    prepare(sql: string) {
      // A transaction that reads first and writes later would meet SQLITE_BUSY without a way to wait.
      const text = sql === 'begin' ? 'begin immediate' : sql
      // SQLite undoes by itself a transaction that meets a full disk (sqlite.org/lang_transaction.html); undoing it once more
      // would fail, and hide why.
      if (text === 'rollback' && !database.isTransaction) return nothing
      let statement = statements.get(text)
      if (statement === undefined) {
        statement = database.prepare(text)
        statements.set(text, statement)
      }
      const prepared = statement
      return {
        reader: prepared.columns().length > 0,
        all: (values: readonly unknown[]) => prepared.all(...(values as Value[])),
        run: (values: readonly unknown[]) => prepared.run(...(values as Value[])),
        iterate: (values: readonly unknown[]) => prepared.iterate(...(values as Value[])),
      }
    },
  }
}

/** A statement that does nothing. */
const nothing = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
}
