import { statusOf } from '../../../kube/client/index.ts'
import { claim } from '../shared/claim.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import { podOfTemplate } from '../shared/pod-of-template.ts'
import { deletionOrder, isActive, nextAvailable } from '../shared/pods.ts'
import type { Pod, ReplicaSet } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { replicaSetStatus } from './status.ts'

const component = 'replicaset-controller'
/** Most pods made or deleted in one look (the controller's `burstReplicas`). */
const burst = 500

/** Keeps as many pods as ReplicaSets want. */
export function startReplicaSets(world: World): void {
  const loop = world.loop('replica-set', async key => {
    const set = world.get('ReplicaSet', ...splitKey(key))
    const wait = set && (await reconcile(world, set))
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('ReplicaSet', set => loop.ask(keyOf(set)))
  world.eachOwner('Pod', 'ReplicaSet', key => loop.ask(key))
}

async function reconcile(world: World, set: ReplicaSet): Promise<number | undefined> {
  const before = await claim(world, 'ReplicaSet', set, 'Pod', isActive)
  const failure = isDeleting(set) ? undefined : await followCount(world, set, before.filter(isActive))
  // The writes above have reached the cache.
  const pods = world.owned('Pod').of(set).filter(isActive)
  const now = world.now()
  await world.write.status(set, replicaSetStatus(set, pods, failure && messageOf(failure), now))
  if (failure) throw failure
  return nextAvailable(pods, set.spec.minReadySeconds ?? 0, now)
}

/** Makes or deletes what is missing or too much; gives the first failure, after the rest has been tried. */
async function followCount(world: World, set: ReplicaSet, pods: readonly Pod[]): Promise<Error | undefined> {
  const missing = set.spec.replicas - pods.length
  const work =
    missing > 0
      ? Array.from({ length: Math.min(missing, burst) }, () =>
          world.write.create(podOfTemplate('ReplicaSet', set, set.spec.template)),
        )
      : [...pods]
          .sort(deletionOrder)
          .slice(0, Math.min(-missing, burst))
          .map(pod => world.write.delete(pod))
  const results = await Promise.allSettled(work)
  for (const result of results) {
    if (result.status !== 'rejected') continue
    const error = result.reason instanceof Error ? result.reason : new Error(String(result.reason))
    const verb = missing > 0 ? 'creating' : 'deleting'
    const reason = missing > 0 ? 'FailedCreate' : 'FailedDelete'
    world.events.record(set, { type: 'Warning', reason, message: `Error ${verb}: ${messageOf(error)}`, component })
    return error
  }
  return undefined
}

/** What the API server said, without our own frame around it. */
function messageOf(error: Error): string {
  return statusOf(error)?.message ?? error.message
}
