import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite'

/** The forge's state: accounts, tokens (as digests), repositories, protections, keys, hooks. */
export type Store = DatabaseSyncInstance

const schema = `
CREATE TABLE IF NOT EXISTS accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login TEXT NOT NULL UNIQUE COLLATE NOCASE,
  kind TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
  name TEXT,
  email TEXT,
  members_can_create_repositories INTEGER NOT NULL DEFAULT 1,
  default_repository_permission TEXT NOT NULL DEFAULT 'read',
  requires_sso INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS members (
  organization INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  state TEXT NOT NULL CHECK (state IN ('active', 'pending')),
  PRIMARY KEY (organization, account)
) STRICT;
CREATE TABLE IF NOT EXISTS tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('classic', 'fine-grained')),
  digest TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  permissions TEXT NOT NULL,
  resource_owner INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  repositories TEXT,
  sso TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS repositories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL COLLATE NOCASE,
  folder TEXT NOT NULL UNIQUE,
  description TEXT,
  private INTEGER NOT NULL,
  archived INTEGER NOT NULL DEFAULT 0,
  default_branch TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  pushed_at TEXT,
  UNIQUE (owner, name)
) STRICT;
CREATE TABLE IF NOT EXISTS collaborators (
  repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  permission TEXT NOT NULL CHECK (permission IN ('read', 'write', 'admin')),
  PRIMARY KEY (repository, account)
) STRICT;
CREATE TABLE IF NOT EXISTS protections (
  repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  branch TEXT NOT NULL,
  rules TEXT NOT NULL,
  PRIMARY KEY (repository, branch)
) STRICT;
CREATE TABLE IF NOT EXISTS keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  read_only INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS hooks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  url TEXT NOT NULL,
  content_type TEXT NOT NULL,
  secret TEXT,
  events TEXT NOT NULL,
  active INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hook INTEGER NOT NULL REFERENCES hooks (id) ON DELETE CASCADE,
  guid TEXT NOT NULL,
  event TEXT NOT NULL,
  status TEXT NOT NULL,
  status_code INTEGER NOT NULL,
  duration REAL NOT NULL,
  redelivery INTEGER NOT NULL,
  delivered_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS pulls (
  repository INTEGER NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  title TEXT NOT NULL,
  body TEXT,
  head TEXT NOT NULL,
  base TEXT NOT NULL,
  account INTEGER NOT NULL,
  state TEXT NOT NULL,
  merged_at TEXT,
  merge_commit TEXT,
  head_commit TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (repository, number)
) STRICT;
`

/** Opens (and makes) the database in a file. Every write is on disk when it returns. */
export function openStore(path: string): Store {
  const store = new DatabaseSync(path)
  store.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;',
  )
  store.exec(schema)
  addColumn(store, 'tokens', 'api', "TEXT NOT NULL DEFAULT 'github'")
  addColumn(store, 'tokens', 'name', 'TEXT')
  return store
}

/** Adds a column to a table of an older forge. */
function addColumn(store: Store, table: string, column: string, type: string): void {
  const columns = store.prepare(`PRAGMA table_info(${table})`).all() as { name: string }[]
  if (!columns.some(({ name }) => name === column)) store.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`)
}

/** Runs `work` in a transaction; undone when it throws. */
export function transaction<T>(store: Store, work: () => T): T {
  store.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    store.exec('COMMIT')
    return result
  } catch (error) {
    store.exec('ROLLBACK')
    throw error
  }
}
