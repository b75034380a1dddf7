import { isNotFound } from '../../../kube/client/index.ts'
import type { Job, JobStatus, Pod } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { formatIndexes, indexOf, parseIndexes } from './indexes.ts'

/** Keeps a pod from going before its end has been counted (Kubernetes documentation, "Job tracking with finalizers"). */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

/** Whether the end of a pod is still to be counted. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) ?? false
}

/** What is counted so far. */
export interface Tally {
  readonly succeeded: number
  readonly failed: number
  readonly completedIndexes: string
}

/** What a status has counted. */
export function tallyOf(status: JobStatus | undefined): Tally {
  return {
    succeeded: status?.succeeded ?? 0,
    failed: status?.failed ?? 0,
    completedIndexes: status?.completedIndexes ?? '',
  }
}

/**
 * Counts pods that have ended, each exactly once however often this process dies in between: first their uids are
 * written down, then their finalizers go, then the counts take the place of the uids.
 */
export async function countEnded(world: World, job: Job, pods: readonly Pod[], startTime: string): Promise<Tally> {
  const listed = job.status?.uncountedTerminatedPods ?? {}
  const known = new Set([...(listed.succeeded ?? []), ...(listed.failed ?? [])])
  const tracked = pods.filter(isTracked)
  const fresh = (ended: (pod: Pod) => boolean) =>
    tracked.filter(pod => ended(pod) && !known.has(pod.metadata.uid ?? '')).map(pod => pod.metadata.uid ?? '')
  const succeeded = [...(listed.succeeded ?? []), ...fresh(hasSucceeded)]
  const failed = [...(listed.failed ?? []), ...fresh(hasFailed)]
  const before = tallyOf(job.status)
  if (succeeded.length + failed.length === 0) return before
  const uncounted = {
    ...(succeeded.length > 0 ? { succeeded } : {}),
    ...(failed.length > 0 ? { failed } : {}),
  }
  await world.write.status(job, { ...job.status, startTime, uncountedTerminatedPods: uncounted })
  await Promise.all(tracked.filter(pod => hasSucceeded(pod) || hasFailed(pod)).map(pod => untrack(world, pod)))
  const done = parseIndexes(before.completedIndexes)
  const isIndexed = job.spec.completionMode === 'Indexed'
  if (isIndexed) {
    for (const pod of pods) {
      const index = hasSucceeded(pod) ? indexOf(pod) : undefined
      if (index !== undefined) done.add(index)
    }
  }
  return {
    succeeded: isIndexed ? done.size : before.succeeded + succeeded.length,
    failed: before.failed + failed.length,
    completedIndexes: isIndexed ? formatIndexes(done) : '',
  }
}

/** Lets a pod go. */
export async function untrack(world: World, pod: Pod): Promise<void> {
  const finalizers = (pod.metadata.finalizers ?? []).filter(one => one !== trackingFinalizer)
  try {
    await world.write.patch(pod, { metadata: { finalizers: finalizers.length > 0 ? finalizers : null } })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

function hasSucceeded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded'
}

/** A pod that was deleted before its end has failed as well. */
function hasFailed(pod: Pod): boolean {
  return pod.status?.phase === 'Failed' || (isDeleting(pod) && !hasSucceeded(pod))
}
