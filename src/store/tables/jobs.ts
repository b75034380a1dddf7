import type { Db } from '../schema.ts'

/** A piece of work that takes longer than a request. */
export interface JobsTable {
  id: string
  kind: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Which server runs it. */
  server_id: string
  who_id: string
  who: string
  object: string
  project: string | null
  environment: string | null
  started_at: string
  ended_at: string | null
  /** JSON. */
  steps: string
  /** JSON. */
  result: string | null
  /** JSON. */
  error: string | null
}

export async function insertJob(db: Db, job: JobsTable): Promise<void> {
  await db.insertInto('jobs').values(job).execute()
}

/** Writes down how far a job is; false when it is no longer running. */
export async function updateJob(
  db: Db,
  id: string,
  change: Partial<Pick<JobsTable, 'state' | 'ended_at' | 'steps' | 'result' | 'error'>>,
): Promise<boolean> {
  const done = await db
    .updateTable('jobs')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return done.numUpdatedRows > 0n
}

export async function findJob(db: Db, id: string): Promise<JobsTable | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Whose jobs, and those of which places: `*` stands for every project or environment. */
export interface JobReach {
  /** Jobs that this user started. */
  readonly startedBy?: string
  readonly places: readonly { readonly project: string; readonly environment: string }[]
  /** Jobs without a place too. */
  readonly placeless: boolean
}

export interface JobFilter {
  readonly limit: number
  readonly kind?: string
  readonly object?: string
  readonly state?: JobsTable['state']
  /** All when absent. */
  readonly within?: JobReach
}

/** Newest first. */
export async function listJobs(db: Db, { limit, kind, object, state, within }: JobFilter): Promise<JobsTable[]> {
  let query = db.selectFrom('jobs').selectAll().orderBy('started_at', 'desc').orderBy('id').limit(limit)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  if (object !== undefined) query = query.where('object', '=', object)
  if (state !== undefined) query = query.where('state', '=', state)
  if (within !== undefined)
    query = query.where(({ eb, and, or }) => {
      const places = within.places.map(({ project, environment }) =>
        and([
          project === '*' ? eb('project', 'is not', null) : eb('project', '=', project),
          ...(environment === '*' ? [] : [eb('environment', '=', environment)]),
        ]),
      )
      const own = within.startedBy === undefined ? [] : [eb('who_id', '=', within.startedBy)]
      return or([...own, ...(within.placeless ? [eb('project', 'is', null)] : []), ...places])
    })
  return query.execute()
}

/** Running jobs whose server is in the list of none that live. */
export async function orphanedJobs(db: Db): Promise<JobsTable[]> {
  return db
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', 'running')
    .where('server_id', 'not in', db.selectFrom('servers').select('id'))
    .execute()
}

export async function deleteJobsBefore(db: Db, endedBefore: string): Promise<void> {
  await db.deleteFrom('jobs').where('state', '!=', 'running').where('ended_at', '<', endedBefore).execute()
}
