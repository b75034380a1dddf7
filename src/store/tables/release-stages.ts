import type { Db } from '../schema.ts'

/** When a commit came to a stage of its way into an environment. */
export interface ReleaseStagesTable {
  project: string
  application: string
  environment: string
  commit_sha: string
  /** `committed`, `fetched`, `rendered`, `applied`, `healthy`. */
  stage: string
  at: string
}

/** Keeps the first time that was seen. Gives whether it is new. */
export async function insertStage(db: Db, row: ReleaseStagesTable): Promise<boolean> {
  const done = await db
    .insertInto('release_stages')
    .values(row)
    .onConflict(conflict => conflict.columns(['application', 'environment', 'commit_sha', 'stage']).doNothing())
    .executeTakeFirst()
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Stages of one commit in one environment. */
export async function stagesOf(
  db: Db,
  at: { readonly application: string; readonly environment: string; readonly commit?: string },
): Promise<ReleaseStagesTable[]> {
  let query = db
    .selectFrom('release_stages')
    .selectAll()
    .where('application', '=', at.application)
    .where('environment', '=', at.environment)
  if (at.commit !== undefined) query = query.where('commit_sha', '=', at.commit)
  return query.orderBy('at', 'desc').limit(1000).execute()
}

/** Stages since a time, oldest first, at most so many. */
export async function stagesSince(
  db: Db,
  at: {
    readonly since: string
    readonly application?: string | undefined
    readonly environment?: string | undefined
    readonly limit: number
  },
): Promise<ReleaseStagesTable[]> {
  let query = db.selectFrom('release_stages').selectAll().where('at', '>=', at.since)
  if (at.application !== undefined) query = query.where('application', '=', at.application)
  if (at.environment !== undefined) query = query.where('environment', '=', at.environment)
  return (await query.orderBy('at', 'desc').limit(at.limit).execute()).reverse()
}

export async function deleteStagesBefore(db: Db, at: string): Promise<void> {
  await db.deleteFrom('release_stages').where('at', '<', at).execute()
}
