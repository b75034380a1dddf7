import type { Deployment, ReplicaSet } from '../shared/types.ts'
import type { World } from '../shared/world.ts'
import { desiredOf, maxOf } from './annotations.ts'
import { active, limits, wanted } from './counts.ts'
import { byAge, scaleSet } from './replica-sets.ts'

/** Whether the Deployment's count has changed since its ReplicaSets were sized. */
export function isScaling(deployment: Deployment, sets: readonly ReplicaSet[]): boolean {
  return active(sets).some(set => {
    const desired = desiredOf(set)
    return desired !== undefined && desired !== deployment.spec.replicas
  })
}

/**
 * Follows a changed count. In the middle of an update each ReplicaSet gets its share, so that an update that is stuck
 * is not scaled instead of what serves (Kubernetes documentation, "Proportional scaling").
 */
export async function scale(
  world: World,
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Promise<void> {
  const { replicas } = deployment.spec
  const all = current ? [...old, current] : [...old]
  const only = activeOrLatest(current, old)
  if (only) {
    await scaleSet(world, deployment, only, replicas)
    return
  }
  if (current && isSaturated(deployment, current)) {
    await Promise.all(active(old).map(set => scaleSet(world, deployment, set, 0)))
    return
  }
  if (deployment.spec.strategy.type === 'Recreate') return
  await Promise.all(shares(deployment, active(all)).map(([set, size]) => scaleSet(world, deployment, set, size)))
}

function activeOrLatest(current: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const running = active(current ? [...old, current] : old)
  if (running.length > 1) return undefined
  return running[0] ?? current ?? [...old].sort(byAge).at(-1)
}

function isSaturated({ spec }: Deployment, set: ReplicaSet): boolean {
  return (
    desiredOf(set) === spec.replicas &&
    set.spec.replicas === spec.replicas &&
    (set.status?.availableReplicas ?? 0) === spec.replicas
  )
}

/** The new size of each ReplicaSet; what rounding leaves over goes to the largest. */
export function shares(deployment: Deployment, sets: readonly ReplicaSet[]): [ReplicaSet, number][] {
  const { replicas } = deployment.spec
  const { surge } = limits(deployment)
  const allowed = replicas > 0 ? replicas + surge : 0
  const toAdd = allowed - wanted(sets)
  // The newer of equals grows first; the older shrinks first.
  const bySize = [...sets].sort((a, b) => b.spec.replicas - a.spec.replicas || (toAdd > 0 ? byAge(b, a) : byAge(a, b)))
  let added = 0
  const sized = bySize.map((set): [ReplicaSet, number] => {
    const share = toAdd === 0 ? 0 : proportion(deployment, set, toAdd - added, surge)
    added += share
    return [set, set.spec.replicas + share]
  })
  const [largest] = sized
  if (largest && toAdd !== 0) largest[1] = Math.max(0, largest[1] + toAdd - added)
  return sized
}

function proportion({ spec, status }: Deployment, set: ReplicaSet, left: number, surge: number): number {
  const size = set.spec.replicas
  if (size === 0 || left === 0) return 0
  if (spec.replicas === 0) return Math.max(-size, left)
  const before = maxOf(set) ?? status?.replicas ?? 0
  const fraction = before === 0 ? left : Math.round((size * (spec.replicas + surge)) / before) - size
  return left > 0 ? Math.min(fraction, left) : Math.max(fraction, left)
}
