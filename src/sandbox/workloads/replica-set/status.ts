import { withCondition, withoutCondition } from '../shared/conditions.ts'
import { isReady, untilAvailable } from '../shared/pods.ts'
import type { Pod, ReplicaSet } from '../shared/types.ts'

/** The status as the ReplicaSet controller writes it (`calculateStatus`). `pods` are the active ones. */
export function replicaSetStatus(
  set: ReplicaSet,
  pods: readonly Pod[],
  failure: string | undefined,
  now: Date,
): NonNullable<ReplicaSet['status']> {
  const labels = Object.entries(set.spec.template.metadata?.labels ?? {})
  const labelled = pods.filter(pod => labels.every(([key, value]) => pod.metadata.labels?.[key] === value)).length
  const ready = pods.filter(isReady)
  const usable = ready.filter(pod => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0).length
  const before = set.status?.conditions ?? []
  const facts = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure ?? '' } as const
  const conditions =
    failure === undefined ? withoutCondition(before, 'ReplicaFailure') : withCondition(before, facts, now)
  return {
    replicas: pods.length,
    ...(labelled > 0 ? { fullyLabeledReplicas: labelled } : {}),
    ...(ready.length > 0 ? { readyReplicas: ready.length } : {}),
    ...(usable > 0 ? { availableReplicas: usable } : {}),
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  }
}
