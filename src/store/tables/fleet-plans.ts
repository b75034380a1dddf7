import type { Db } from '../schema.ts'

/** A plan to bring a cluster into the fleet. A kubeconfig that was given with it is a sealed value. */
export interface FleetPlansTable {
  id: string
  /** JSON: what was asked for, without the kubeconfig. */
  wish: string
  /** JSON: what may be carried out; null when the plan cannot be. */
  agreed: string | null
  made_by: string
  made_at: string
  /** The job that planned it. */
  plan_job: string
  /** The last job that carried it out. */
  job: string | null
}

export async function insertFleetPlan(db: Db, row: FleetPlansTable): Promise<void> {
  await db.insertInto('fleet_plans').values(row).execute()
}

export async function findFleetPlan(db: Db, id: string): Promise<FleetPlansTable | undefined> {
  return db.selectFrom('fleet_plans').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Plans that were begun, newest first. */
export async function begunFleetPlans(db: Db, limit: number): Promise<FleetPlansTable[]> {
  return db
    .selectFrom('fleet_plans')
    .selectAll()
    .where('job', 'is not', null)
    .orderBy('made_at', 'desc')
    .limit(limit)
    .execute()
}

/** Notes the job that carries a plan out; false when another one began since `before`. */
export async function claimFleetPlan(db: Db, id: string, before: string | null, job: string): Promise<boolean> {
  const done = await db
    .updateTable('fleet_plans')
    .set({ job })
    .where('id', '=', id)
    .where('job', before === null ? 'is' : '=', before)
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

export async function deleteFleetPlan(db: Db, id: string): Promise<void> {
  await db.deleteFrom('fleet_plans').where('id', '=', id).execute()
}

export async function fleetPlansBefore(db: Db, madeBefore: string): Promise<string[]> {
  const rows = await db.selectFrom('fleet_plans').select('id').where('made_at', '<', madeBefore).execute()
  return rows.map(row => row.id)
}
