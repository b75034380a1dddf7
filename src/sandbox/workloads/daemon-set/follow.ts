import { mayStay, misfit } from '../scheduler/node-fit.ts'
import { scaled } from '../shared/numbers.ts'
import { isFinished, untilAvailable } from '../shared/pods.ts'
import { revisionHashLabel } from '../shared/revisions.ts'
import type { DaemonSet, Node, Pod } from '../shared/types.ts'
import { isDeleting, type World } from '../shared/world.ts'
import { daemonPod, daemonSpec, nodeOf } from './pod.ts'

/** On which nodes a set runs: where its pods should be, and where those that are there may stay. */
export interface DaemonNodes {
  readonly wanted: ReadonlySet<string>
  readonly tolerated: ReadonlySet<string>
}

/** Looks which nodes a set runs on. */
export function nodesFor(set: DaemonSet, nodes: readonly Node[]): DaemonNodes {
  const spec = daemonSpec(set)
  const names = (fits: (node: Node) => boolean) => new Set(nodes.filter(fits).map(node => node.metadata.name ?? ''))
  return { wanted: names(node => misfit(spec, node) === undefined), tolerated: names(node => mayStay(spec, node)) }
}

/** The pods of a set by their node, oldest first. */
export function podsByNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const byNode = new Map<string, Pod[]>()
  const oldestFirst = [...pods].sort((a, b) =>
    (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''),
  )
  for (const pod of oldestFirst) {
    const node = nodeOf(pod) ?? ''
    byNode.set(node, [...(byNode.get(node) ?? []), pod])
  }
  return byNode
}

/** Makes the pods that are missing and removes those that are too many, ended, or on nodes that they do not belong to. */
export async function follow(world: World, set: DaemonSet, nodes: DaemonNodes, hash: string): Promise<void> {
  const byNode = podsByNode(world.owned('Pod').of(set))
  const work: Promise<unknown>[] = []
  for (const [node, pods] of byNode) {
    const live = pods.filter(pod => !isDeleting(pod))
    const ended = live.filter(isFinished)
    const running = live.filter(pod => !isFinished(pod))
    const same = (pod: Pod) => pod.metadata.labels?.[revisionHashLabel]
    const doubles = running.filter((pod, i) => running.findIndex(other => same(other) === same(pod)) < i)
    const strays = nodes.wanted.has(node) || nodes.tolerated.has(node) ? [] : running
    const surplus = new Set([...ended, ...doubles, ...strays])
    work.push(...[...surplus].map(pod => world.write.delete(pod)))
  }
  for (const node of nodes.wanted) {
    // The place of a pod on its way out is taken until it is gone.
    if ((byNode.get(node) ?? []).length === 0) work.push(world.write.create(daemonPod(set, node, hash)))
  }
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** One step of an update: replaces pods of older templates as far as `maxUnavailable` or `maxSurge` allows. */
export async function rollOn(world: World, set: DaemonSet, nodes: DaemonNodes, hash: string): Promise<void> {
  if (set.spec.updateStrategy?.type === 'OnDelete') return
  const total = nodes.wanted.size
  const { maxSurge = 0, maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {}
  const surge = scaled(maxSurge, total, 'up')
  const unavailable = surge > 0 ? 0 : Math.max(1, scaled(maxUnavailable, total, 'up'))
  const usable = (pod: Pod) => !isDeleting(pod) && untilAvailable(pod, set.spec.minReadySeconds ?? 0, world.now()) === 0
  const byNode = podsByNode(world.owned('Pod').of(set))
  const places = [...nodes.wanted].map(node => {
    const pods = byNode.get(node) ?? []
    return {
      node,
      now: pods.filter(pod => pod.metadata.labels?.[revisionHashLabel] === hash),
      old: pods.filter(pod => pod.metadata.labels?.[revisionHashLabel] !== hash),
    }
  })
  const outdated = places.filter(({ old }) => old.some(pod => !isDeleting(pod)))
  const work: Promise<unknown>[] = []
  if (surge > 0) {
    let room = surge - places.filter(({ now, old }) => now.length > 0 && old.length > 0).length
    for (const { node, now, old } of outdated) {
      // The old pod goes when the new one serves, or at once when it did not serve itself.
      if (now.some(usable) || !old.some(usable)) work.push(...deleteAll(world, old))
      else if (now.length === 0 && room-- > 0) work.push(world.write.create(daemonPod(set, node, hash)))
    }
  } else {
    let room = unavailable - places.filter(({ now, old }) => ![...now, ...old].some(usable)).length
    for (const { old } of outdated) {
      // A pod that does not serve costs nothing.
      if (!old.some(usable) || room-- > 0) work.push(...deleteAll(world, old))
    }
  }
  await Promise.all(work)
}

function deleteAll(world: World, pods: readonly Pod[]): Promise<void>[] {
  return pods.filter(pod => !isDeleting(pod)).map(pod => world.write.delete(pod))
}
