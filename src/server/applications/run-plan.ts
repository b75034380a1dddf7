import type { Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ChangeResult as Written } from '../../forges/changes/index.ts'
import { insertStage } from '../../store/tables/release-stages.ts'
import type { ServerContext } from '../context.ts'
import type { ChangeResult } from '../contract/applications.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { reviewStep } from '../jobs/review-step.ts'
import { requireGate } from '../require-gate.ts'
import { follow } from './follow.ts'
import type { Plan } from './plan.ts'

/** A plan that is being made. */
export interface PlanRun {
  readonly who: Principal
  readonly plan: Plan
  /** The commit that it was planned on. */
  readonly tip: string
  readonly branch: string
  /** Of the commit. */
  readonly message: string
  readonly byRequest: boolean
  /** Environments to follow it in. */
  readonly followed: readonly string[]
  /** It was begun by a server that is gone: what Git has of it was committed by it. */
  readonly again?: { readonly commit: string | undefined }
}

/** Gate, commit, and the way into the cluster. Done again, it commits nothing again. */
export async function runPlan(context: ServerContext, run: PlanRun, job: RunningJob): Promise<ChangeResult> {
  const { plan, followed } = run
  await job.during('gate', async () => {
    for (const scope of plan.scopes) await requireGate(context, scope)
  })
  const result = await job.during('commit', () => committed(context, run, job))
  if (result.commit !== undefined) job.note({ commit: result.commit })
  if (result.commit === undefined || !result.isOurs) return { ...withoutOurs(result), environments: [] }
  const { commit } = result
  await job.remember({ commit })
  for (const environment of plan.environments) await begin(context, plan, environment, commit)
  context.live.publish({ topic: plan.app === '' ? 'applications' : `applications/${plan.app}` })
  if (followed.length === 0) {
    const environments = plan.environments.map(environment => ({ environment, state: 'not-followed' as const }))
    return { ...withoutOurs(result), environments }
  }
  const ends = await follow(context, { app: plan.app, environments: followed, commit, job })
  const failed = ends.find(end => end.state === 'failed')
  if (failed) {
    const { culprit } = failed
    const line = culprit?.line === undefined ? '' : `:${culprit.line}`
    throw new SluiceError('E_APP_UNHEALTHY', {
      object: culprit?.object ?? `${plan.app} in ${failed.environment}`,
      seen: culprit?.message ?? failed.detail ?? 'it failed',
      ...(culprit?.file === undefined ? {} : { expected: `another value in ${culprit.file}${line}` }),
      details: { culprit },
    })
  }
  return { ...withoutOurs(result), environments: ends.map(({ environment, state }) => ({ environment, state })) }
}

interface Committed extends Pick<ChangeResult, 'commit' | 'request'> {
  /** Whether the commit is this change's. */
  readonly isOurs: boolean
}

function withoutOurs({ isOurs: _, ...result }: Committed): Pick<ChangeResult, 'commit' | 'request'> {
  return result
}

async function committed(context: ServerContext, run: PlanRun, job: RunningJob): Promise<Committed> {
  const { again, branch } = run
  const tell = (commit: string | undefined) => job.step('commit', { detail: `${commit?.slice(0, 7)} on ${branch}` })
  if (again?.commit !== undefined) {
    tell(again.commit)
    return { commit: again.commit, isOurs: true }
  }
  const written = await commit(context, run, job)
  const { request } = written
  const result = request && { request: { url: request.url, title: request.title, state: request.state } }
  if (written.pushed) {
    tell(written.commit)
    return { commit: written.commit, isOurs: true, ...result }
  }
  const earlier = again === undefined ? undefined : await earlierCommit(context, run)
  if (earlier !== undefined) {
    tell(earlier)
    return { commit: earlier, isOurs: true, ...result }
  }
  job.step('commit', { detail: 'Git says that already; nothing was committed', state: 'warned' })
  return { commit: written.commit, isOurs: false, ...result }
}

function commit(context: ServerContext, run: PlanRun, job: RunningJob): Promise<Written> {
  const { plan, who, tip, message } = run
  return context.repository.write({
    who,
    scopes: plan.scopes,
    from: tip,
    watched: plan.watched,
    changes: plan.files,
    message,
    key: plan.key,
    text: {
      what: message.trim().split('\n').slice(2),
      why: plan.why,
      after: 'The cluster follows this branch and applies it.',
    },
    byRequest: run.byRequest || plan.reviewBy !== undefined,
    onReview: event => {
      if (event.type === 'branch-left' || event.type === 'host-away') return
      job.step('commit', reviewStep(event))
    },
    signal: job.signal,
  })
}

/** The commit that the server before made and could not write down: the last one that touched what the plan changes. */
async function earlierCommit(context: ServerContext, { plan, tip }: PlanRun): Promise<string | undefined> {
  const [file] = plan.files
  const { mirror, tip: now } = await context.repository.refresh()
  if (file === undefined || now === tip) return undefined
  const [last] = await mirror.log(now, { path: file.path, limit: 1, signal: context.signal })
  const isSince = last !== undefined && last.sha !== tip && (await mirror.holds(last.sha, tip).catch(() => false))
  return isSince ? last.sha : undefined
}

/** The moment of the push, more exactly than the commit's own date tells it. */
async function begin({ store, clock }: ServerContext, plan: Plan, environment: string, commit: string): Promise<void> {
  const at = clock.now().toISOString()
  const row = { project: plan.project, application: plan.app, environment, commit_sha: commit, stage: 'committed', at }
  if (plan.app !== '') await insertStage(store.db, row)
}
