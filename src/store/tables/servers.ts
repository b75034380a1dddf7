import type { Db } from '../schema.ts'

/** A server that works on this store, or did. */
export interface ServersTable {
  id: string
  started_at: string
  /** Grows while it lives: others see by their own clocks whether it still does. */
  beat: number
}

export async function insertServer(db: Db, id: string, startedAt: string): Promise<void> {
  await db.insertInto('servers').values({ id, started_at: startedAt, beat: 0 }).execute()
}

/** False when others took this server for dead. */
export async function beatServer(db: Db, id: string): Promise<boolean> {
  const done = await db
    .updateTable('servers')
    .set(set => ({ beat: set('beat', '+', 1) }))
    .where('id', '=', id)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

export async function listServers(db: Db): Promise<ServersTable[]> {
  return db.selectFrom('servers').selectAll().execute()
}

export async function deleteServer(db: Db, id: string): Promise<void> {
  await db.deleteFrom('servers').where('id', '=', id).execute()
}
