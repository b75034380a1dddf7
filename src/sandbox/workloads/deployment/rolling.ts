import type { Deployment, ReplicaSet } from '../shared/types.ts'
import type { World } from '../shared/world.ts'
import { active, available, limits, newSetReplicas, wanted } from './counts.ts'
import { byAge, scaleSet } from './replica-sets.ts'

/** One step of a rolling update: first up as far as the surge allows, else down as far as availability does. */
export async function rollOn(
  world: World,
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): Promise<void> {
  const all = [...old, current]
  const size = current.spec.replicas
  const { replicas } = deployment.spec
  const next = size > replicas ? replicas : newSetReplicas(deployment, all, size)
  if (next !== size) {
    await scaleSet(world, deployment, current, next)
    return
  }
  await shrinkOld(world, deployment, current, active(old))
}

async function shrinkOld(
  world: World,
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): Promise<void> {
  if (old.length === 0) return
  const minAvailable = deployment.spec.replicas - limits(deployment).unavailable
  const newUnavailable = current.spec.replicas - (current.status?.availableReplicas ?? 0)
  let most = wanted([...old, current]) - minAvailable - newUnavailable
  if (most <= 0) return
  const targets = new Map([...old].sort(byAge).map(set => [set, set.spec.replicas]))
  // Pods that do not serve go first: nothing is lost with them.
  for (const [set, size] of targets) {
    const unhealthy = size - (set.status?.availableReplicas ?? 0)
    const fewer = Math.max(0, Math.min(most, unhealthy))
    targets.set(set, size - fewer)
    most -= fewer
  }
  let left = available([...old, current]) - minAvailable
  for (const [set, size] of targets) {
    const fewer = Math.max(0, Math.min(left, size))
    targets.set(set, size - fewer)
    left -= fewer
  }
  await Promise.all([...targets].map(([set, size]) => scaleSet(world, deployment, set, size)))
}
