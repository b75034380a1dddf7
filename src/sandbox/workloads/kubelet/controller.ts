import { isNodeReady, virtualNodeName } from '../scheduler/node-fit.ts'
import { keyOf, splitKey } from '../shared/owners.ts'
import { isFinished } from '../shared/pods.ts'
import { timeOf } from '../shared/times.ts'
import type { Node, Pod } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { PodAddresses } from './addresses.ts'
import { creatingStatus, type PodPlace, runningStatus } from './pod-status.ts'

/** A start that takes this long is shown: below it a pod goes from Pending to Running in one write. */
const visibleStartMs = 1_000
const virtualHostIP = '172.18.0.2'

/**
 * The kubelets of all nodes: pods run without anything running. A pod becomes Ready `readyAfterMs` after it was given a
 * node, unless the tag of an image says otherwise ({@link behaviorOf}); one that is deleted goes at once.
 */
export function startKubelets(world: World, readyAfterMs: number): void {
  const addresses = new PodAddresses()
  const seenAt = new Map<string, number>()
  const loop = world.loop('kubelet', async key => {
    const pod = world.get('Pod', ...splitKey(key))
    if (!pod?.spec.nodeName) return
    const wait = await run(world, pod, readyAfterMs, addresses, seenAt)
    if (wait !== undefined) loop.askLater(key, wait)
  })
  world.each('Pod', (pod, _previous, deleted) => {
    const { uid = '' } = pod.metadata
    if (deleted) {
      addresses.release(uid)
      seenAt.delete(uid)
      return
    }
    if (pod.status?.podIP && pod.spec.hostNetwork !== true) addresses.keep(uid, pod.status.podIP)
    if (pod.spec.nodeName) loop.ask(keyOf(pod))
  })
  world.each('Node', (node, previous, deleted) => {
    if (!deleted && previous && isNodeReady(previous) === isNodeReady(node)) return
    for (const pod of world.list('Pod')) if (pod.spec.nodeName === node.metadata.name) loop.ask(keyOf(pod))
  })
}

async function run(
  world: World,
  pod: Pod,
  readyAfterMs: number,
  addresses: PodAddresses,
  seenAt: Map<string, number>,
): Promise<number | undefined> {
  const name = pod.spec.nodeName ?? ''
  const node = name === virtualNodeName ? undefined : world.get('Node', '', name)
  // What stood on a node that is gone goes with it (the pod garbage collector).
  if (isDeleting(pod) || (!node && name !== virtualNodeName)) return stop(world, pod)
  if (isFinished(pod) || (node && !isNodeReady(node))) return undefined
  const now = world.now()
  const left = startedAt(pod, seenAt, now) + readyAfterMs - now.getTime()
  const place = placeOf(pod, node, addresses)
  if (left > 0 && pod.status?.podIP === undefined) {
    if (readyAfterMs >= visibleStartMs) await writeStatus(world, pod, creatingStatus(pod, place, now))
    return left
  }
  const { status, next } = runningStatus(pod, place, now)
  await writeStatus(world, pod, status)
  return next
}

/** Ends a pod for good. With a finalizer it stays until that is gone, but its grace period is over. */
async function stop(world: World, pod: Pod): Promise<undefined> {
  if (isDeleting(pod) && pod.metadata.deletionGracePeriodSeconds === 0) return
  await world.write.delete(pod, 0)
}

/** When the kubelet took the pod in: as its status says, else since it was first seen here. */
function startedAt(pod: Pod, seenAt: Map<string, number>, now: Date): number {
  const { uid = '' } = pod.metadata
  const known = seenAt.get(uid) ?? timeOf(pod.status?.startTime)
  if (known !== undefined) return known
  seenAt.set(uid, now.getTime())
  return now.getTime()
}

function placeOf(pod: Pod, node: Node | undefined, addresses: PodAddresses): PodPlace {
  const hostIP = node?.status?.addresses?.find(one => one.type === 'InternalIP')?.address ?? virtualHostIP
  return { hostIP, podIP: pod.spec.hostNetwork === true ? hostIP : addresses.of(pod.metadata.uid ?? '') }
}

async function writeStatus(world: World, pod: Pod, status: NonNullable<Pod['status']>): Promise<void> {
  await world.write.status(pod, status, { fieldManager: 'kubelet' })
  for (const one of status.containerStatuses ?? []) {
    const { waiting } = one.state
    const before = pod.status?.containerStatuses?.find(was => was.name === one.name)
    if (!waiting?.message || before?.state.waiting?.message === waiting.message) continue
    const reason = waiting.reason === 'ImagePullBackOff' ? 'Failed' : 'BackOff'
    const message =
      reason === 'BackOff'
        ? `Back-off restarting failed container ${one.name} in pod ${pod.metadata.name}`
        : waiting.message
    world.events.record(pod, { type: 'Warning', reason, message, component: 'kubelet' })
  }
}
