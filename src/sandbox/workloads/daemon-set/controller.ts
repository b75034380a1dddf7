import { nodesOrVirtual } from '../scheduler/node-fit.ts'
import { claim } from '../shared/claim.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import { nextAvailable } from '../shared/pods.ts'
import { hashOf, historyOf, revisionHashLabel, trimHistory } from '../shared/revisions.ts'
import type { DaemonSet } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { follow, nodesFor, rollOn } from './follow.ts'
import { daemonStatus } from './status.ts'

/** Keeps one pod of each DaemonSet on each node that fits. */
export function startDaemonSets(world: World): void {
  const loop = world.loop('daemon-set', async key => {
    const set = world.get('DaemonSet', ...splitKey(key))
    const wait = set && (await reconcile(world, set))
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('DaemonSet', set => loop.ask(keyOf(set)))
  world.eachOwner('Pod', 'DaemonSet', key => loop.ask(key))
  world.eachOwner('ControllerRevision', 'DaemonSet', key => loop.ask(key))
  world.each('Node', () => {
    for (const set of world.list('DaemonSet')) loop.ask(keyOf(set))
  })
}

async function reconcile(world: World, set: DaemonSet): Promise<number | undefined> {
  if (isDeleting(set)) return undefined
  await claim(world, 'DaemonSet', set, 'Pod')
  const { revisions, update, collisionCount } = await historyOf(world, 'DaemonSet', set)
  if (!update) {
    await world.write.status(set, { ...set.status, collisionCount })
    return undefined
  }
  const hash = hashOf(update)
  const nodes = nodesFor(set, nodesOrVirtual(world.list('Node')))
  await follow(world, set, nodes, hash)
  await rollOn(world, set, nodes, hash)
  const pods = world.owned('Pod').of(set)
  const now = world.now()
  await world.write.status(set, daemonStatus(set, nodes, pods, hash, now))
  const inUse = new Set([hash, ...pods.map(pod => pod.metadata.labels?.[revisionHashLabel])])
  await trimHistory(world, set, revisions, one => inUse.has(hashOf(one)))
  return nextAvailable(pods, set.spec.minReadySeconds ?? 0, now)
}
