import { claim } from '../shared/claim.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import { isReady, nextAvailable, untilAvailable } from '../shared/pods.ts'
import { historyOf, trimHistory } from '../shared/revisions.ts'
import type { Pod, StatefulSet, StatefulSetStatus } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { follow, type Revisions } from './follow.ts'
import { ordinalOf, revisionOfPod } from './identity.ts'

/** Keeps the pods of StatefulSets: numbered, one after the other, each with its claims. */
export function startStatefulSets(world: World): void {
  const loop = world.loop('stateful-set', async key => {
    const set = world.get('StatefulSet', ...splitKey(key))
    const wait = set && (await reconcile(world, set))
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('StatefulSet', set => loop.ask(keyOf(set)))
  world.eachOwner('Pod', 'StatefulSet', key => loop.ask(key))
  world.eachOwner('ControllerRevision', 'StatefulSet', key => loop.ask(key))
}

async function reconcile(world: World, set: StatefulSet): Promise<number | undefined> {
  if (isDeleting(set)) return undefined
  await claim(world, 'StatefulSet', set, 'Pod', pod => ordinalOf(set, pod) !== undefined)
  const { revisions, update, collisionCount } = await historyOf(world, 'StatefulSet', set)
  if (!update) {
    await world.write.status(set, { ...set.status, replicas: set.status?.replicas ?? 0, collisionCount })
    return undefined
  }
  const current = revisions.find(one => one.metadata.name === set.status?.currentRevision) ?? update
  const pair: Revisions = { current, update }
  await follow(world, set, world.owned('Pod').of(set), pair)
  const pods = world.owned('Pod').of(set)
  const now = world.now()
  const status = statusOf(set, pods, pair, collisionCount, now)
  await world.write.status(set, status)
  const inUse = new Set([status.currentRevision, update.metadata.name, ...pods.map(revisionOfPod)])
  await trimHistory(world, set, revisions, one => inUse.has(one.metadata.name))
  return nextAvailable(pods, set.spec.minReadySeconds ?? 0, now)
}

/** The status as the StatefulSet controller writes it; when all pods are updated, the update becomes what is current. */
function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  { current, update }: Revisions,
  collisionCount: number,
  now: Date,
): StatefulSetStatus {
  const at = (name: string | undefined) => pods.filter(pod => !isDeleting(pod) && revisionOfPod(pod) === name).length
  const ready = pods.filter(isReady).length
  const usable = pods.filter(pod => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now) === 0).length
  const { replicas } = set.spec
  const updated = at(update.metadata.name)
  const isDone =
    set.spec.updateStrategy?.type !== 'OnDelete' &&
    updated === replicas &&
    ready === replicas &&
    pods.length === replicas
  const currentReplicas = isDone ? updated : at(current.metadata.name)
  return {
    ...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
    replicas: pods.length,
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    availableReplicas: usable,
    ...(currentReplicas > 0 ? { currentReplicas } : {}),
    ...(updated > 0 ? { updatedReplicas: updated } : {}),
    currentRevision: (isDone ? update : current).metadata.name ?? '',
    updateRevision: update.metadata.name ?? '',
    collisionCount,
  }
}
