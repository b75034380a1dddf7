import { allows, everything, type Principal } from '../../access/index.ts'
import { findJob, type JobReach, type JobsTable } from '../../store/tables/jobs.ts'
import type { ServerContext } from '../context.ts'

/**
 * Who started a job sees it, and viewers of where it works; of a job without a place, administrators. An API token sees what
 * its own grants reach: what its owner started elsewhere is none of its business.
 */
export function maySeeRow(principal: Principal, row: JobsTable): boolean {
  if (isOwn(principal, row)) return true
  if (row.project === null) return allows(principal.grants, 'administrator', everything)
  return allows(principal.grants, 'viewer', { project: row.project, environment: row.environment ?? '*' })
}

/** What {@link maySeeRow} says yes to, for a question to the store: a list is cut to its length after what is hidden. */
export function reachOf(principal: Principal): JobReach {
  const { person, token, grants } = principal
  return {
    ...(token === undefined ? { startedBy: person.id } : {}),
    places: grants,
    placeless: allows(grants, 'administrator', everything),
  }
}

export async function maySeeJob({ store }: ServerContext, principal: Principal, id: string): Promise<boolean> {
  const row = await findJob(store.db, id)
  return row !== undefined && maySeeRow(principal, row)
}

/**
 * Who stops a job: operators of where it works. Who started it has to be one still; a job without a place is stopped by who
 * started it, and by administrators.
 */
export function mayStopRow(principal: Principal, row: JobsTable): boolean {
  if (row.project !== null)
    return allows(principal.grants, 'operator', { project: row.project, environment: row.environment ?? '*' })
  return isOwn(principal, row) || allows(principal.grants, 'administrator', everything)
}

function isOwn({ person, token }: Principal, row: JobsTable): boolean {
  return token === undefined && row.who_id === person.id
}
