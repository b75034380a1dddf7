import { conditionOf } from '../../../kube/condition.ts'
import { timeOf } from './times.ts'
import type { Pod } from './types.ts'
import { isDeleting } from './world.ts'

/** Whether a pod has come to its end. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
}

/** Whether a pod counts: neither finished nor on its way out (controller `IsPodActive`). */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isDeleting(pod)
}

/** Whether a pod is Ready. */
export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

/** Since when a pod is Ready, in milliseconds since 1970; undefined when it is not. */
export function readySince(pod: Pod): number | undefined {
  const ready = conditionOf(pod, 'Ready')
  return ready?.status === 'True' ? timeOf(ready.lastTransitionTime) : undefined
}

/** Milliseconds until a pod has been Ready for long enough: 0 when it has, undefined while it is not Ready. */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: Date): number | undefined {
  const since = readySince(pod)
  if (since === undefined) return isReady(pod) ? 0 : undefined
  return minReadySeconds === 0 ? 0 : Math.max(0, since + minReadySeconds * 1000 - now.getTime())
}

/** The shortest wait after which one more pod is available; undefined when none will be by waiting alone. */
export function nextAvailable(pods: readonly Pod[], minReadySeconds: number, now: Date): number | undefined {
  const waits = pods
    .map(pod => untilAvailable(pod, minReadySeconds, now))
    .filter(wait => wait !== undefined && wait > 0)
  return waits.length === 0 ? undefined : Math.min(...(waits as number[]))
}

const phaseRank: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * Which of a set's pods go first: not placed, not running, not ready, cheap, ready for a short time, restarted often,
 * young (controller `ActivePodsWithRanks`).
 */
export function deletionOrder(a: Pod, b: Pod): number {
  const placed = (pod: Pod) => (pod.spec.nodeName ? 1 : 0)
  const phase = (pod: Pod) => phaseRank[pod.status?.phase ?? 'Pending'] ?? 0
  const ready = (pod: Pod) => (isReady(pod) ? 1 : 0)
  const cost = (pod: Pod) => Number(pod.metadata.annotations?.[deletionCost] ?? 0) || 0
  const restarts = (pod: Pod) => Math.max(0, ...(pod.status?.containerStatuses ?? []).map(one => one.restartCount))
  const age = (pod: Pod) => timeOf(pod.metadata.creationTimestamp) ?? 0
  return (
    placed(a) - placed(b) ||
    phase(a) - phase(b) ||
    ready(a) - ready(b) ||
    cost(a) - cost(b) ||
    (readySince(b) ?? 0) - (readySince(a) ?? 0) ||
    restarts(b) - restarts(a) ||
    age(b) - age(a) ||
    (a.metadata.name ?? '').localeCompare(b.metadata.name ?? '')
  )
}
