import { everything, type Principal, type Role } from '../../access/index.ts'
import type { ServerContext } from '../context.ts'
import type { Job } from '../contract/live.ts'
import type { NewJob } from '../jobs/jobs.ts'
import type { JobResume } from '../jobs/resume.ts'
import type { RepositoryState } from '../repository/index.ts'
import { requireGate } from '../require-gate.ts'
import type { Plan } from './plan.ts'
import { commitsOf, messageFor, standingCommit } from './plan-commits.ts'
import { type OwnRun, type PackedRun, type PlanRun, type Progress, packRun, unpackRun } from './plan-run.ts'
import { environmentChanges, messageOf, refuseProblems, reviewOf } from './preview.ts'
import { runPlan } from './run-plan.ts'
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
  const why = wish.byRequest ? 'a request was asked for' : await reviewOf(context, state, plan)
  const scope = plan.app === '' ? { project: '*', environment: '*' } : plan.scopes[0]!
  const run = runOf(wish, messageOf(plan, changes, wish.subject?.trim() || plan.subject))
  return context.jobs.start({
    kind: wish.kind,
    object: wish.object,
    who,
    scope: { project: scope.project, environment: plan.scopes.length > 1 ? '*' : scope.environment },
    steps: stepsOf(run, why !== undefined),
    resume: packRun(run),
    run: job => runPlan(context, run, job),
  })
}

function runOf({ plan, state, who, byRequest, follow }: ApplyWish, message: string): PlanRun {
  const { app, project, scopes, environments, key, why, reviewBy } = plan
  return {
    who,
    app,
    project,
    scopes,
    environments,
    followed: follow ? environments : [],
    key,
    why,
    byRequest: byRequest || reviewBy !== undefined,
    commits: commitsOf(state, plan).map(one => ({ ...one, message: messageFor(state, plan, one, message) })),
    standing: standingCommit(state, plan),
    ...ownOf(state, plan),
  }
}

function ownOf({ home, sync }: RepositoryState, { own }: Plan): { own?: OwnRun } {
  if (home === undefined) return {}
  const { title, id } = home
  const key = own?.key === undefined ? {} : { key: own.key }
  const { make, pointer, adopts = false } = own ?? {}
  return { own: { title, url: sync.url, id, make, pointer, adopts, ...key } }
}

function stepsOf({ own, commits, followed }: PlanRun, byRequest: boolean): NewJob['steps'] {
  const several = followed.length > 1
  return [
    { id: 'gate', title: 'Ask the gate' },
    ...(own?.make === undefined ? [] : [{ id: 'repository', title: `Make the repository ${own.title}` }]),
    ...(own?.key?.action === 'give' ? [{ id: 'key', title: `Give the cluster a key for ${own.title}` }] : []),
    ...commits.flatMap(({ step, title, branch }) => {
      const where = own === undefined ? branch : title
      const proves = step === 'pointer' && own?.pointer !== undefined
      return [
        ...(proves ? [{ id: 'reach', title: `Prove that the cluster can fetch ${own.title}` }] : []),
        { id: step, title: byRequest ? `Commit to ${where} by pull request` : `Commit to ${where}` },
      ]
    }),
    ...(own?.key?.action === 'take' ? [{ id: 'key', title: `Take the key of ${own.title} away` }] : []),
    ...followed.flatMap(environment =>
      Object.entries(stageTitles).map(([stage, title]) => ({
        id: `${environment}/${stage}`,
        title: several ? `${title} in ${environment}` : title,
      })),
    ),
  ]
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
  return async job => {
    const run: PlanRun = { ...unpackRun(input as PackedRun), who, again: progress as Progress }
    requireAll(who, run.scopes, planRoles[kind] ?? 'administrator')
    if (run.own?.adopts) requireAll(who, [everything], 'administrator')
    return runPlan(context, run, job)
  }
}
