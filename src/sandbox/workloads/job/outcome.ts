import { sumOf } from '../shared/numbers.ts'
import { timeOf } from '../shared/times.ts'
import type { Job, Pod, WorkloadCondition } from '../shared/types.ts'
import type { Tally } from './tracking.ts'

/** How a job ended. */
export interface Outcome {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

/** The condition by which a job is over. */
export function finishedCondition(job: Job): WorkloadCondition | undefined {
  return job.status?.conditions?.find(
    one => (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  )
}

/** Whether a job is over now, and how (job controller `syncJob`). */
export function outcomeOf(job: Job, tally: Tally, active: readonly Pod[], now: Date): Outcome | undefined {
  const { backoffLimit = 6, completions, activeDeadlineSeconds } = job.spec
  const policy = job.spec.template.spec.restartPolicy
  const restarts = sumOf(active, pod => sumOf(pod.status?.containerStatuses ?? [], one => one.restartCount))
  // With OnFailure containers fail in place: their restarts count.
  const overLimit =
    tally.failed > backoffLimit ||
    (policy === 'OnFailure' && (backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit))
  if (overLimit) {
    const message = 'Job has reached the specified backoff limit'
    return { type: 'Failed', reason: 'BackoffLimitExceeded', message }
  }
  const started = timeOf(job.status?.startTime)
  if (activeDeadlineSeconds !== undefined && started !== undefined) {
    if (now.getTime() - started >= activeDeadlineSeconds * 1000) {
      return { type: 'Failed', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
    }
  }
  // A work queue (no completions) is done when one pod has succeeded and none runs any more.
  const complete =
    completions === undefined || completions === null
      ? tally.succeeded > 0 && active.length === 0
      : tally.succeeded >= completions
  if (!complete) return undefined
  return { type: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }
}

/** Milliseconds until the deadline of a job that runs; undefined when it has none. */
export function untilJobDeadline(job: Job, startTime: string, now: Date): number | undefined {
  const { activeDeadlineSeconds } = job.spec
  const started = timeOf(startTime)
  if (activeDeadlineSeconds === undefined || started === undefined) return undefined
  return Math.max(0, started + activeDeadlineSeconds * 1000 - now.getTime())
}

/** Milliseconds until a failed pod may be replaced: 10 s after the first failure, doubled up to 10 minutes. */
export function untilReplacement(pods: readonly Pod[], failed: number, now: Date): number {
  if (failed === 0) return 0
  const times = pods
    .filter(pod => pod.status?.phase === 'Failed')
    .flatMap(pod => (pod.status?.containerStatuses ?? []).map(one => timeOf(one.state.terminated?.finishedAt)))
    .filter(time => time !== undefined)
  if (times.length === 0) return 0
  const wait = Math.min(600_000, 10_000 * 2 ** Math.min(failed - 1, 10))
  return Math.max(0, Math.max(...times) + wait - now.getTime())
}
