import type { Principal, Role } from '../../access/index.ts'
import type { FileChange } from '../../git/index.ts'
import type { ServerContext } from '../context.ts'
import type { Job } from '../contract/live.ts'
import type { NewJob } from '../jobs/jobs.ts'
import type { JobResume } from '../jobs/resume.ts'
import type { RepositoryState } from '../repository/index.ts'
import { requireGate } from '../require-gate.ts'
import type { Plan } from './plan.ts'
import { environmentChanges, messageOf, refuseProblems, reviewOf } from './preview.ts'
import { type PlanRun, runPlan } from './run-plan.ts'
import { requireAll } from './scopes-of.ts'

export interface ApplyWish {
  readonly who: Principal
  /** `application.change`, `environment.change`, `chart.change`. */
  readonly kind: string
  /** What it works on, for the audit log: `application shop`. */
  readonly object: string
  readonly plan: Plan
  /** The state that it was planned on: the one that the person looked at. */
  readonly state: RepositoryState
  readonly subject?: string | undefined
  readonly byRequest: boolean
  readonly follow: boolean
}

const stageTitles = { fetched: 'Fetched', rendered: 'Rendered', applied: 'Applied', healthy: 'Healthy' } as const

/** Makes a change as a job: gate, commit, and its way into the cluster, told live. */
export async function applyPlan(context: ServerContext, wish: ApplyWish): Promise<Job> {
  const { plan, state, who } = wish
  for (const scope of plan.scopes) await requireGate(context, scope)
  const changes = await environmentChanges(context, state, plan)
  refuseProblems(plan, changes)
  const followed = wish.follow ? plan.environments : []
  const why = wish.byRequest ? 'a request was asked for' : await reviewOf(context, state, plan)
  const several = followed.length > 1
  const scope = plan.app === '' ? { project: '*', environment: '*' } : plan.scopes[0]!
  const { branch } = state.sync
  const run: PlanRun = {
    who,
    plan,
    tip: state.tip,
    branch,
    message: messageOf(plan, changes, wish.subject?.trim() || plan.subject),
    byRequest: wish.byRequest,
    followed,
  }
  return context.jobs.start({
    kind: wish.kind,
    object: wish.object,
    who,
    scope: { project: scope.project, environment: plan.scopes.length > 1 ? '*' : scope.environment },
    steps: [
      { id: 'gate', title: 'Ask the gate' },
      why === undefined
        ? { id: 'commit', title: `Commit to ${branch}` }
        : { id: 'commit', title: `Commit to ${branch} by pull request` },
      ...followed.flatMap(environment =>
        Object.entries(stageTitles).map(([stage, title]) => ({
          id: `${environment}/${stage}`,
          title: several ? `${title} in ${environment}` : title,
        })),
      ),
    ],
    resume: packed(run),
    run: job => runPlan(context, run, job),
  })
}

/** What each kind of change needs of who makes it, also of who had it made by a server that is gone. */
export const planRoles: Readonly<Record<string, Role>> = {
  'application.change': 'operator',
  'environment.change': 'administrator',
  'chart.change': 'operator',
}

/** Goes on with a change that a server began which is gone. @throws E_FORBIDDEN when the person may not any more */
export function resumePlan(
  context: ServerContext,
  kind: string,
  who: Principal,
  { input, progress }: JobResume,
): NewJob['run'] {
  const { commit } = progress
  const run: PlanRun = {
    ...unpacked(input as Packed),
    who,
    again: { commit: typeof commit === 'string' ? commit : undefined },
  }
  return async job => {
    requireAll(who, run.plan.scopes, planRoles[kind] ?? 'administrator')
    return runPlan(context, run, job)
  }
}

type Packed = Omit<PlanRun, 'who' | 'plan' | 'again'> & {
  readonly plan: Omit<Plan, 'files' | 'secrets'> & {
    readonly files: readonly { readonly path: string; readonly base64?: string; readonly executable?: boolean }[]
    readonly secrets: readonly (readonly [string, readonly (readonly string[])[]])[]
  }
}

/** As JSON. It holds what the commit holds: secrets are sealed by now. */
function packed({ who: _, again: __, plan, ...rest }: PlanRun): Packed {
  const files = plan.files.map(({ path, content, executable }) => ({
    path,
    ...(content === undefined ? {} : { base64: Buffer.from(content).toString('base64') }),
    ...(executable === undefined ? {} : { executable }),
  }))
  return { ...rest, plan: { ...plan, files, secrets: [...plan.secrets] } }
}

function unpacked({ plan, ...rest }: Packed): Omit<PlanRun, 'who'> {
  const files = plan.files.map(
    ({ path, base64, executable }): FileChange => ({
      path,
      content: base64 === undefined ? undefined : Buffer.from(base64, 'base64'),
      ...(executable === undefined ? {} : { executable }),
    }),
  )
  return { ...rest, plan: { ...plan, reviewBy: plan.reviewBy, files, secrets: new Map(plan.secrets) } }
}
