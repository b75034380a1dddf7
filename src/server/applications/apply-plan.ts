import type { Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ChangeResult as Written } from '../../forges/changes/index.ts'
import { insertStage } from '../../store/tables/release-stages.ts'
import type { ServerContext } from '../context.ts'
import type { ChangeResult } from '../contract/applications.ts'
import type { Job } from '../contract/live.ts'
import type { RepositoryState } from '../repository/index.ts'
import { requireGate } from '../require-gate.ts'
import { commitPlan, commitsOf } from './commit-plan.ts'
import { follow } from './follow.ts'
import type { Plan } from './plan.ts'
import { environmentChanges, messageOf, refuseProblems, reviewOf } from './preview.ts'

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
  return context.jobs.start({
    kind: wish.kind,
    object: wish.object,
    who,
    scope: { project: scope.project, environment: plan.scopes.length > 1 ? '*' : scope.environment },
    steps: [
      { id: 'gate', title: 'Ask the gate' },
      ...(plan.own?.make === undefined
        ? []
        : [{ id: 'repository', title: `Make the repository ${state.home?.title}` }]),
      ...commitsOf(state, plan).flatMap(({ step, title, branch }) => {
        const where = state.home === undefined ? branch : title
        const made = {
          id: step,
          title: why === undefined ? `Commit to ${where}` : `Commit to ${where} by pull request`,
        }
        const proves = step === 'pointer' && plan.own?.pointer !== undefined
        return proves ? [{ id: 'reach', title: `Prove that the cluster can fetch ${state.home?.title}` }, made] : [made]
      }),
      ...followed.flatMap(environment =>
        Object.entries(stageTitles).map(([stage, title]) => ({
          id: `${environment}/${stage}`,
          title: several ? `${title} in ${environment}` : title,
        })),
      ),
    ],
    run: async (job): Promise<ChangeResult> => {
      await job.during('gate', async () => {
        for (const scope of plan.scopes) await requireGate(context, scope)
      })
      const message = messageOf(plan, changes, wish.subject?.trim() || plan.subject)
      const written = await commitPlan(context, wish, message, job)
      const result = { commit: written.commit, ...requestOf(written) }
      if (written.commit !== undefined) job.note({ commit: written.commit })
      if (written.commit === undefined || !written.pushed) return { ...result, environments: [] }
      for (const environment of plan.environments) await begin(context, plan, environment, written.commit)
      context.live.publish({ topic: plan.app === '' ? 'applications' : `applications/${plan.app}` })
      if (followed.length === 0) {
        return {
          ...result,
          environments: plan.environments.map(environment => ({ environment, state: 'not-followed' })),
        }
      }
      const ends = await follow(context, { app: plan.app, environments: followed, commit: written.commit, job })
      const failed = ends.find(end => end.state === 'failed')
      if (failed) {
        throw new SluiceError('E_APP_UNHEALTHY', {
          object: failed.culprit?.object ?? `${plan.app} in ${failed.environment}`,
          seen: failed.culprit?.message ?? failed.detail ?? 'it failed',
          ...(failed.culprit?.file === undefined
            ? {}
            : {
                expected: `another value in ${failed.culprit.file}${failed.culprit.line === undefined ? '' : `:${failed.culprit.line}`}`,
              }),
          details: { culprit: failed.culprit },
        })
      }
      return { ...result, environments: ends.map(({ environment, state }) => ({ environment, state })) }
    },
  })
}

function requestOf({ request }: Written): Pick<ChangeResult, 'request'> {
  return request === undefined ? {} : { request: { url: request.url, title: request.title, state: request.state } }
}

/** The moment of the push, more exactly than the commit's own date tells it. */
async function begin({ store, clock }: ServerContext, plan: Plan, environment: string, commit: string): Promise<void> {
  const at = clock.now().toISOString()
  const row = { project: plan.project, application: plan.app, environment, commit_sha: commit, stage: 'committed', at }
  if (plan.app !== '') await insertStage(store.db, row)
}
