import { allows, everything, type Principal } from '../../access/index.ts'
import { findJob, type JobsTable } from '../../store/tables/jobs.ts'
import type { ServerContext } from '../context.ts'

/** Who started a job sees it, and viewers of where it works; of a job without a place, administrators. */
export function maySeeRow(principal: Principal, row: JobsTable): boolean {
  if (row.who_id === principal.person.id) return true
  if (row.project === null) return allows(principal.grants, 'administrator', everything)
  return allows(principal.grants, 'viewer', { project: row.project, environment: row.environment ?? '*' })
}

export async function maySeeJob({ store }: ServerContext, principal: Principal, id: string): Promise<boolean> {
  const row = await findJob(store.db, id)
  return row !== undefined && maySeeRow(principal, row)
}
