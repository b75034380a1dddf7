import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { SluiceError } from '../../../base/errors/index.ts'
import { createSealer, type Sealer, sealingKeyBytes } from '../../../secrets/sealing.ts'
import type { Journal, JournalEntry, JournalRow } from './journal.ts'

type Database = InstanceType<typeof DatabaseSync>
type Statement = ReturnType<Database['prepare']>

/** Pages of 4 KiB below which a file is not worth shrinking. */
const shrinkFromPages = 256

/** Raised when the layout of the tables changes; an older Sluice refuses a newer file. */
const layout = 1

export interface SqliteJournalOptions {
  /** Folder of the database and its key; made with mode 0700 when absent. */
  readonly dir: string
  /**
   * `process`: acknowledged writes survive the end of the process, however it ends. `power`: they survive loss of power
   * too, at the price of one fsync for each group of writes.
   */
  readonly durability: 'process' | 'power'
}

/**
 * A journal in SQLite (WAL). Bodies of Secrets are sealed with a key that lies beside the database in a file of mode
 * 0600: a copy of the database alone gives no credentials away.
 */
export function sqliteJournal(options: SqliteJournalOptions): Journal {
  const { dir, durability } = options
  const file = join(dir, 'cluster.db')
  let db: Database | undefined
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    // The key comes first: a database without its key is refused, a key without a database is used.
    const sealer = createSealer(sealingKey(dir, !existsSync(file)))
    closeSync(openSync(file, 'a', 0o600))
    chmodSync(file, 0o600)
    db = new DatabaseSync(file)
    db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
    db.exec('PRAGMA journal_size_limit = 4194304')
    db.exec(`PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'}`)
    // An exclusive lock is only taken by the first write.
    db.exec('BEGIN IMMEDIATE')
    createTables(db, file)
    db.exec('COMMIT')
    shrink(db)
    return journalOver(db, sealer, file)
  } catch (error) {
    try {
      db?.close()
    } catch {
      // The first error says more.
    }
    throw storeError(file, error)
  }
}

function createTables(db: Database, file: string): void {
  const found = Number((db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version)
  if (found > layout) {
    throw new SluiceError('E_CLUSTER_STORE', {
      object: file,
      expected: `layout ${layout} or older`,
      seen: `layout ${found}, written by a newer Sluice`,
      next: 'Use the newer Sluice, or another folder.',
    })
  }
  db.exec(`
    CREATE TABLE IF NOT EXISTS objects (
      collection TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL,
      PRIMARY KEY (collection, key)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
    INSERT OR IGNORE INTO counter VALUES (1, 0);
    PRAGMA user_version = ${layout};
  `)
}

/**
 * Gives the space of deleted objects back to the disk when it is most of the file. While a cluster runs, such space is
 * used again, so the file never grows beyond the most that was live at one time; the log beside it is kept short.
 */
function shrink(db: Database): void {
  const pragma = (name: string) => Number(Object.values(db.prepare(`PRAGMA ${name}`).get() as object)[0])
  const [pages, free] = [pragma('page_count'), pragma('freelist_count')]
  if (pages > shrinkFromPages && free > pages / 2) db.exec('VACUUM')
}

function journalOver(db: Database, sealer: Sealer, file: string): Journal {
  const upsert = db.prepare(
    'INSERT INTO objects VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET version = ?3, body = ?4',
  )
  const remove = db.prepare('DELETE FROM objects WHERE collection = ? AND key = ?')
  const count = db.prepare('UPDATE counter SET version = ?')
  return {
    load() {
      const { version } = db.prepare('SELECT version FROM counter').get() as { version: number }
      return { rows: rowsOf(db, sealer, file), version: Number(version) }
    },
    commit(batch, version) {
      try {
        db.exec('BEGIN')
        for (const entry of batch) write(entry, upsert, remove, sealer)
        count.run(version)
        db.exec('COMMIT')
      } catch (error) {
        try {
          db.exec('ROLLBACK')
        } catch {
          // SQLite has rolled back by itself (disk full does that).
        }
        throw storeError(file, error)
      }
    },
    close() {
      // A statement that the garbage collector has not met keeps a closed database open, and in WAL mode an exclusive
      // lock is never given back: leaving WAL first releases it (and moves the log into the file).
      db.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM counter')
      db.close()
    },
  }
}

function write(entry: JournalEntry, upsert: Statement, remove: Statement, sealer: Sealer): void {
  const { collection, key, version, json, sealed } = entry
  if (json === undefined) remove.run(collection, key)
  else upsert.run(collection, key, version, sealed ? sealer.seal(json, `${collection}/${key}`) : json)
}

function* rowsOf(db: Database, sealer: Sealer, file: string): Generator<JournalRow> {
  const rows = db.prepare('SELECT collection, key, version, body FROM objects').iterate() as Iterable<{
    collection: string
    key: string
    version: number
    body: string | Uint8Array
  }>
  try {
    for (const { collection, key, version, body } of rows) {
      const json = typeof body === 'string' ? body : sealer.unseal(body, `${collection}/${key}`).toString('utf8')
      yield { collection, version: Number(version), json }
    }
  } catch (error) {
    throw storeError(file, error)
  }
}

/** The key beside the database. A database without its key is refused: its Secrets could not be read. */
function sealingKey(dir: string, mayMake: boolean): Buffer {
  const file = join(dir, 'cluster.key')
  if (existsSync(file)) {
    const key = readFileSync(file)
    if (key.length === sealingKeyBytes) return key
    throw new SluiceError('E_CLUSTER_STORE', {
      object: file,
      expected: `a key of ${sealingKeyBytes} bytes`,
      seen: `${key.length} bytes`,
    })
  }
  if (!mayMake) {
    throw new SluiceError('E_CLUSTER_STORE', { object: file, expected: 'the key of the database', seen: 'no file' })
  }
  const key = randomBytes(sealingKeyBytes)
  const handle = openSync(`${file}.tmp`, 'w', 0o600)
  try {
    writeSync(handle, key)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(`${file}.tmp`, file)
  return key
}

function storeError(file: string, error: unknown): SluiceError {
  if (error instanceof SluiceError) return error
  const seen = error instanceof Error ? error.message : String(error)
  return new SluiceError(/locked|busy/i.test(seen) ? 'E_CLUSTER_LOCKED' : 'E_CLUSTER_STORE', {
    object: file,
    seen,
    cause: error,
  })
}
