import { type Snapshot, type Stage, snapshotAt } from '../../apps/index.ts'
import { conditionOf } from '../../kube/condition.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { Culprit } from '../contract/change-result.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { appState } from '../repository/index.ts'
import { objectsFor } from './deployment-view.ts'
import { blame, stagesNow } from './timeline.ts'

export interface Follow {
  readonly app: string
  readonly environments: readonly string[]
  readonly commit: string
  readonly job: RunningJob
}

/** How it ended in one environment. */
export interface FollowEnd {
  readonly environment: string
  readonly state: 'healthy' | 'failed'
  readonly culprit?: Culprit
  readonly detail?: string
}

/** Without an event it is looked again after this time. */
const lookAgainMs = 2000
/** What keeps a Pod from running for so long will not pass by itself. */
const stuckMs = 5000
/** A release is given up after its own timeouts and retries; this is only for what never moves. */
const longestMs = 45 * 60_000

/** Follows a commit in every environment to healthy, or to what is to blame; each stage is a step of the job. */
export async function follow(context: ServerContext, wish: Follow): Promise<FollowEnd[]> {
  const waiters = new Set<() => void>()
  const stop = context.flux?.onChange(() => {
    for (const wake of waiters) wake()
  })
  const next = () =>
    new Promise<void>(resolve => {
      const done = () => {
        waiters.delete(done)
        clearTimeout(timer)
        wish.job.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, lookAgainMs)
      waiters.add(done)
      wish.job.signal.addEventListener('abort', done, { once: true })
    })
  try {
    return await Promise.all(wish.environments.map(environment => followOne(context, wish, environment, next)))
  } finally {
    stop?.()
  }
}

async function followOne(
  context: ServerContext,
  { app, commit, job }: Follow,
  environment: string,
  next: () => Promise<void>,
): Promise<FollowEnd> {
  const { clock } = context
  const state = appState(await context.repository.read(), app)
  const wanted: Snapshot | undefined = await snapshotAt(state.mirror, commit, app, environment)
  const told = new Map<string, string>()
  const started = clock.monotonic()
  let stuckSince: number | undefined
  let brokenSince: number | undefined
  for (;;) {
    job.signal.throwIfAborted()
    const found = await stagesNow(context, state, { app, environment, commit }, wanted)
    // The folder may be built before the root has applied what the same commit says of how: only a failure that stays is one.
    const { kustomization } = objectsFor(context.flux, state.place.systemNamespace, app, environment)
    const notApplied = kustomization !== undefined && conditionOf(kustomization, 'Ready')?.status === 'False'
    const isBroken = found.some(
      ({ name, state }) => state === 'failed' && (name === 'rendered' || (name === 'healthy' && notApplied)),
    )
    brokenSince = isBroken ? (brokenSince ?? clock.monotonic()) : undefined
    const passes = brokenSince !== undefined && clock.monotonic() - brokenSince <= stuckMs
    const stages = passes ? found.map(unbroken) : found
    for (const stage of stages.slice(1)) tell(job, environment, stage, told, clock.monotonic() - started)
    const last = stages.at(-1)!
    if (last.state === 'done') return { environment, state: 'healthy' }
    const failed = stages.find(stage => stage.state === 'failed')
    const paused = stages.find(stage => stage.state === 'paused')
    if (paused) return { environment, state: 'failed', detail: paused.detail ?? 'reconciliation is suspended' }
    const culprit = await blame(context, state, { app, environment, commit }, stages)
    stuckSince = culprit?.certain !== true ? undefined : (stuckSince ?? clock.monotonic())
    const isStuck = stuckSince !== undefined && clock.monotonic() - stuckSince > stuckMs
    if (failed || isStuck || clock.monotonic() - started > longestMs) {
      const at = failed ?? stages.find(stage => stage.state === 'running')
      const detail = culprit?.message ?? at?.detail
      if (at)
        job.step(`${environment}/${at.name}`, {
          state: 'failed',
          ...(detail === undefined ? {} : { detail: redact(detail).slice(0, 2000) }),
          ...(culprit?.next === undefined ? {} : { next: culprit.next }),
        })
      return {
        environment,
        state: 'failed',
        ...(culprit ? { culprit } : {}),
        ...(detail === undefined ? {} : { detail }),
      }
    }
    await next()
  }
}

/** A stage as it is while its failure may still pass. */
function unbroken(stage: Stage): Stage {
  if (stage.state === 'failed') return { ...stage, state: 'running' }
  return stage.state === 'not-run' ? { ...stage, state: 'waiting' } : stage
}

const states = {
  done: 'done',
  running: 'running',
  waiting: 'waiting',
  failed: 'failed',
  'not-run': 'waiting',
  paused: 'warned',
} as const

function tell(job: RunningJob, environment: string, stage: Stage, told: Map<string, string>, ms: number): void {
  const key = `${stage.state} ${stage.detail ?? ''}`
  if (told.get(stage.name) === key) return
  told.set(stage.name, key)
  job.step(`${environment}/${stage.name}`, {
    state: states[stage.state],
    ...(stage.detail === undefined ? {} : { detail: redact(stage.detail).slice(0, 2000) }),
    ...(stage.state === 'done' ? { ms: Math.round(ms) } : {}),
  })
}
