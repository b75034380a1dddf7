import type { Db } from '../schema.ts'

/** A Git host with one account. Its credential is a sealed value. */
export interface ConnectionsTable {
  id: string
  name: string
  name_key: string
  kind: string
  /** As credentials are bound to it. */
  host: string
  /** JSON: owner, user name, certificates, proxy, what repositories are called. */
  settings: string
  /** 0 or 1; one of all is the default. */
  is_default: number
  /** Grows with each change: a change that was made from an older one is refused. */
  version: number
  created_at: string
  changed_at: string
  changed_by: string
  /** JSON of the last proof. */
  proof: string | null
  /** When a proof held last. */
  proven_at: string | null
  next_proof_at: string | null
}

/** Which connection a project and environment use; `*` stands for all. */
export interface ConnectionBindingsTable {
  connection_id: string
  project: string
  environment: string
}

export async function insertConnection(db: Db, row: ConnectionsTable): Promise<void> {
  await db.insertInto('connections').values(row).execute()
}

export async function findConnection(db: Db, id: string): Promise<ConnectionsTable | undefined> {
  return db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The default first, then by name. */
export async function listConnections(db: Db): Promise<ConnectionsTable[]> {
  return db.selectFrom('connections').selectAll().orderBy('is_default', 'desc').orderBy('name_key').execute()
}

/** False when the version is another one by now. */
export async function updateConnection(
  db: Db,
  id: string,
  version: number,
  change: Partial<Omit<ConnectionsTable, 'id' | 'version'>>,
): Promise<boolean> {
  const done = await db
    .updateTable('connections')
    .set({ ...change, version: version + 1 })
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

/** Writes what was proven; unlike a change by a person it gives no new version. */
export async function updateProof(
  db: Db,
  id: string,
  version: number,
  change: Pick<ConnectionsTable, 'proof' | 'next_proof_at'> & Partial<Pick<ConnectionsTable, 'proven_at'>>,
): Promise<boolean> {
  const done = await db
    .updateTable('connections')
    .set(change)
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

export async function makeDefault(db: Db, id: string): Promise<void> {
  await db.updateTable('connections').set({ is_default: 0 }).where('is_default', '=', 1).execute()
  await db.updateTable('connections').set({ is_default: 1 }).where('id', '=', id).execute()
}

export async function deleteConnection(db: Db, id: string): Promise<boolean> {
  const done = await db.deleteFrom('connections').where('id', '=', id).executeTakeFirst()
  return done.numDeletedRows > 0n
}

export async function listBindings(db: Db): Promise<ConnectionBindingsTable[]> {
  return db.selectFrom('connection_bindings').selectAll().orderBy('project').orderBy('environment').execute()
}

/** Takes a project and environment from whatever connection had it. */
export async function putBinding(db: Db, row: ConnectionBindingsTable): Promise<void> {
  await db
    .insertInto('connection_bindings')
    .values(row)
    .onConflict(conflict =>
      conflict.columns(['project', 'environment']).doUpdateSet({ connection_id: row.connection_id }),
    )
    .execute()
}

export async function deleteBindings(db: Db, connectionId: string): Promise<void> {
  await db.deleteFrom('connection_bindings').where('connection_id', '=', connectionId).execute()
}
