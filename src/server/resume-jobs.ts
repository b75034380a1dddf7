import { type Principal, principalOf } from '../access/index.ts'
import type { JobsTable } from '../store/tables/jobs.ts'
import { findUser } from '../store/tables/users.ts'
import { planRoles, resumePlan } from './applications/apply-plan.ts'
import type { ServerContext } from './context.ts'
import { resumeFleetChange } from './fleet/run-change.ts'
import { resumeFleetPlan } from './fleet-add/run-plan.ts'
import type { JobResume } from './jobs/resume.ts'

/**
 * Lets this server go on with changes that a server began which is gone: they are followed to their end, and nothing is
 * committed twice. They are made as the person that began them, with the rights that this one has now.
 */
export function resumeJobs(context: ServerContext): void {
  context.jobs.onOrphan(async (row, resume) => {
    const who = await personOf(context, row, resume)
    if (who === undefined) return undefined
    if (Object.hasOwn(planRoles, row.kind)) return { who, run: resumePlan(context, row.kind, who, resume) }
    if (row.kind === 'fleet.bootstrap' || row.kind === 'fleet.import')
      return { who, run: resumeFleetPlan(context, who, resume) }
    if (row.kind.startsWith('fleet.')) return { who, run: resumeFleetChange(context, who, resume) }
    return undefined
  })
}

async function personOf(
  { store, access }: ServerContext,
  row: JobsTable,
  { via, token }: JobResume,
): Promise<Principal | undefined> {
  if (token !== undefined) return access.tokens.byId(token)
  const user = await findUser(store.db, row.who_id)
  return user === undefined || user.disabled === 1 ? undefined : principalOf(store, user, via)
}
