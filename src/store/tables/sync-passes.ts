import type { Db } from '../schema.ts'

/** One revision on its way through a Kustomization that nothing else applied. Times are ISO 8601, as a server saw them. */
export interface SyncPassesTable {
  /** `Kustomization/flux-system/flux-system`. */
  applier: string
  revision: string
  fetched_at: string
  applied_at: string | null
  ready_at: string | null
}

/** Writes down that a revision was fetched. Of several servers the first one's time stays. */
export async function insertSyncPass(
  db: Db,
  pass: Pick<SyncPassesTable, 'applier' | 'revision' | 'fetched_at'>,
): Promise<void> {
  await db
    .insertInto('sync_passes')
    .values({ ...pass, applied_at: null, ready_at: null })
    .onConflict(conflict => conflict.columns(['applier', 'revision']).doNothing())
    .execute()
}

/** Writes down a later stage, once. */
export async function markSyncPass(
  db: Db,
  { applier, revision }: Pick<SyncPassesTable, 'applier' | 'revision'>,
  stage: 'applied_at' | 'ready_at',
  at: string,
): Promise<void> {
  await db
    .updateTable('sync_passes')
    .set({ [stage]: at })
    .where('applier', '=', applier)
    .where('revision', '=', revision)
    .where(stage, 'is', null)
    .execute()
}

/** Oldest first; the newest ones when there are more than `limit`. */
export async function listSyncPasses(db: Db, since: string, limit: number): Promise<SyncPassesTable[]> {
  const rows = await db
    .selectFrom('sync_passes')
    .selectAll()
    .where('fetched_at', '>=', since)
    .orderBy('fetched_at', 'desc')
    .limit(limit)
    .execute()
  return rows.reverse()
}

export async function deleteSyncPassesBefore(db: Db, before: string): Promise<void> {
  await db.deleteFrom('sync_passes').where('fetched_at', '<', before).execute()
}
