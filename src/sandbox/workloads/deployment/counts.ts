import { scaled, sumOf } from '../shared/numbers.ts'
import type { Deployment, ReplicaSet } from '../shared/types.ts'

/** How many pods a rolling update may have above and below the wanted count (`ResolveFenceposts`). */
export function limits({ spec }: Deployment): { readonly surge: number; readonly unavailable: number } {
  if (spec.strategy.type === 'Recreate' || spec.replicas === 0) return { surge: surgeOf(spec), unavailable: 0 }
  const { maxUnavailable = '25%' } = spec.strategy.rollingUpdate ?? {}
  const surge = surgeOf(spec)
  const unavailable = scaled(maxUnavailable, spec.replicas, 'down')
  // Neither may stop the update: then one pod may be missing.
  const resolved = surge === 0 && unavailable === 0 ? 1 : unavailable
  return { surge, unavailable: Math.min(resolved, spec.replicas) }
}

function surgeOf({ strategy, replicas }: Deployment['spec']): number {
  return strategy.type === 'Recreate' ? 0 : scaled(strategy.rollingUpdate?.maxSurge ?? '25%', replicas, 'up')
}

/** Pods that ReplicaSets want. */
export function wanted(sets: readonly ReplicaSet[]): number {
  return sumOf(sets, set => set.spec.replicas)
}

/** Pods that ReplicaSets have. */
export function actual(sets: readonly ReplicaSet[]): number {
  return sumOf(sets, set => set.status?.replicas ?? 0)
}

/** Pods of ReplicaSets that are available. */
export function available(sets: readonly ReplicaSet[]): number {
  return sumOf(sets, set => set.status?.availableReplicas ?? 0)
}

/** Pods of ReplicaSets that are Ready. */
export function ready(sets: readonly ReplicaSet[]): number {
  return sumOf(sets, set => set.status?.readyReplicas ?? 0)
}

/** ReplicaSets that want pods. */
export function active(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.filter(set => set.spec.replicas > 0)
}

/** How many pods the new ReplicaSet may want now (`NewRSNewReplicas`). */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const { replicas, strategy } = deployment.spec
  if (strategy.type === 'Recreate') return replicas
  const room = replicas + limits(deployment).surge - wanted(all)
  return room <= 0 ? current : current + Math.min(room, replicas - current)
}
