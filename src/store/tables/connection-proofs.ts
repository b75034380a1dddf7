import type { Generated } from 'kysely'
import type { Db } from '../schema.ts'

/** What was found each time that a connection was proven. */
export interface ConnectionProofsTable {
  id: Generated<number>
  connection_id: string
  at: string
  outcome: string
  /** JSON: the lines of the diagnosis. */
  proof: string
}

/** So many are kept for each connection. */
const kept = 200

export async function insertProof(db: Db, row: Omit<ConnectionProofsTable, 'id'>): Promise<void> {
  await db.insertInto('connection_proofs').values(row).execute()
  const edge = await db
    .selectFrom('connection_proofs')
    .select('id')
    .where('connection_id', '=', row.connection_id)
    .orderBy('id', 'desc')
    .offset(kept)
    .limit(1)
    .executeTakeFirst()
  if (edge === undefined) return
  await db
    .deleteFrom('connection_proofs')
    .where('connection_id', '=', row.connection_id)
    .where('id', '<=', Number(edge.id))
    .execute()
}

/** Newest first. */
export async function listProofs(
  db: Db,
  connectionId: string,
  limit: number,
): Promise<(Omit<ConnectionProofsTable, 'id'> & { readonly id: number })[]> {
  return db
    .selectFrom('connection_proofs')
    .selectAll()
    .where('connection_id', '=', connectionId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}
