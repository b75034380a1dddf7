import { asSluiceError } from '../../base/errors/index.ts'
import type { FollowProgress } from '../../fleet/follow.ts'
import type { ScalePlan, ScaleResult } from '../../fleet/scale.ts'
import type { ReviewEvent } from '../../forges/changes/index.ts'
import { formatSize } from '../../specs/index.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { reviewStep } from '../jobs/review-step.ts'

/** From the commit to Ready. */
export const followSteps = [
  { id: 'commit', title: 'Committed' },
  { id: 'fetched', title: 'Fetched by the cluster' },
  { id: 'applied', title: 'Applied' },
  { id: 'ready', title: 'Machines Ready' },
] as const

type StepId = (typeof followSteps)[number]['id']
const order: readonly StepId[] = followSteps.map(step => step.id)

/** What a scale or an edit tells while it runs. */
export interface FollowCallbacks {
  readonly onPlan: (plan: ScalePlan) => void
  readonly onCommit: (commit: string) => void
  readonly onReview: (event: ReviewEvent) => void
  readonly onProgress: (progress: FollowProgress) => void
}

/**
 * Shows the way of a change as the steps of a job. Where it fails, the step that it was in says why, in the words of who
 * refused it.
 */
export async function followAsJob(
  job: RunningJob,
  now: () => number,
  work: (callbacks: FollowCallbacks) => Promise<ScaleResult | undefined>,
): Promise<ScaleResult | undefined> {
  let at = 0
  let since = now()
  const move = (to: number): void => {
    for (; at < to; at++) {
      // What it waited for has come; the commit keeps its hash.
      job.step(order[at]!, { state: 'done', ms: Math.round(now() - since), ...(at > 0 && { detail: '' }) })
      since = now()
    }
    if (at < order.length) job.step(order[at]!, { state: 'running' })
  }
  let waiting: string | undefined
  job.step('commit', { state: 'running' })
  try {
    const result = await work({
      onPlan: plan => {
        // One that is taken up finds in Git what it was to change.
        if (job.takenUp && plan.diff === '') return
        job.note({ detail: { counts: words(plan), path: plan.path } })
      },
      onCommit: commit => {
        job.note({ commit })
        job.step('commit', { detail: commit })
        move(1)
      },
      onReview: event => {
        const step = reviewStep(event)
        if (step !== undefined) job.step('commit', step)
        if (event.type !== 'request-merged') return
        job.note({ commit: event.commit })
        job.step('commit', { detail: `merged as ${event.commit.slice(0, 7)}` })
        move(1)
      },
      onProgress: ({ stage, waitingFor }) => {
        move(stage === 'committed' ? 1 : stage === 'fetched' ? 2 : stage === 'applied' ? 3 : 4)
        if (waitingFor !== undefined && waitingFor !== waiting && at < order.length)
          job.step(order[at]!, { state: 'running', detail: `waits for ${waitingFor}` })
        waiting = waitingFor
      },
    })
    const started = at
    move(order.length)
    if (started === 0 && !job.takenUp) job.step('commit', { state: 'done', detail: 'Git had it already' })
    return result
  } catch (error) {
    const { message, next } = asSluiceError(error)
    job.step(order[Math.min(at, order.length - 1)]!, { state: 'failed', detail: message, next })
    throw error
  }
}

function words({ counts }: ScalePlan): string {
  return counts.map(({ group, from, to }) => `${group} ${formatSize(from)} → ${formatSize(to)}`).join(', ')
}
