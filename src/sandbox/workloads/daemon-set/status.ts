import { isReady, untilAvailable } from '../shared/pods.ts'
import { revisionHashLabel } from '../shared/revisions.ts'
import type { DaemonSet, Pod } from '../shared/types.ts'
import { isDeleting } from '../shared/world.ts'
import { type DaemonNodes, podsByNode } from './follow.ts'

/** The status as the DaemonSet controller writes it (`updateDaemonSetStatus`): everything is counted by node. */
export function daemonStatus(
  set: DaemonSet,
  nodes: DaemonNodes,
  pods: readonly Pod[],
  hash: string,
  now: Date,
): Record<string, unknown> {
  const live = podsByNode(pods.filter(pod => !isDeleting(pod)))
  const on = (node: string) => live.get(node) ?? []
  const count = (test: (pod: Pod) => boolean) => [...nodes.wanted].filter(node => on(node).some(test)).length
  const usable = count(pod => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0)
  const updated = count(pod => pod.metadata.labels?.[revisionHashLabel] === hash)
  const misplaced = [...live.keys()].filter(node => !nodes.wanted.has(node)).length
  const missing = nodes.wanted.size - usable
  return {
    currentNumberScheduled: count(() => true),
    numberMisscheduled: misplaced,
    desiredNumberScheduled: nodes.wanted.size,
    numberReady: count(isReady),
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
    ...(usable > 0 ? { numberAvailable: usable } : {}),
    ...(missing > 0 ? { numberUnavailable: missing } : {}),
    ...(set.status?.collisionCount === undefined ? {} : { collisionCount: set.status.collisionCount }),
  }
}
