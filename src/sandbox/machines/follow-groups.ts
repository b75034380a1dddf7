import { isAlreadyExists, isNotFound } from '../../kube/client/index.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { MachineGroup } from './groups.ts'
import { type ClusterKey, fieldManager, type Machinery, nodeRef } from './machinery.ts'
import { isOf, isReady, isUpToDate, newNode, nodeStatus } from './node.ts'
import { planGroup, sizeOf } from './plan.ts'

/**
 * Takes the next step of every group of a cluster. Workers join, and are replaced, once the control plane is as it should
 * be: EKS Anywhere reconciles it first.
 *
 * @returns milliseconds after which the next machine is due; undefined when none is.
 */
export async function followGroups(
  machinery: Machinery,
  key: ClusterKey,
  groups: readonly MachineGroup[],
): Promise<number | undefined> {
  const nodes = machinery.nodesOf(key)
  const work: Promise<unknown>[] = []
  const waits: number[] = []
  let controlPlane = true
  for (const group of groups) {
    const mine = nodes.filter(node => isOf(node, key.name, group))
    const wanted = wantedOf(machinery, key, group, mine)
    const plan = planGroup(group, mine, wanted)
    if (group.controlPlane) {
      controlPlane = mine.some(isReady) && mine.every(node => isUpToDate(node, group))
    }
    const mayMake = group.controlPlane || controlPlane
    if (mayMake) for (let i = 0; i < plan.create; i++) work.push(makeNode(machinery, key, group))
    for (const node of plan.remove) work.push(removeNode(machinery, node))
    for (const node of mine) {
      if (isReady(node) || plan.remove.includes(node)) continue
      const left = machinery.boots.leftMs(node.metadata.name ?? '')
      if (left === 0) work.push(bootNode(machinery, group, node))
      else if (left !== undefined) waits.push(left)
    }
  }
  forgetOthers(machinery, key, groups)
  const strays = nodes.filter(node => !groups.some(group => isOf(node, key.name, group)))
  await Promise.all([...work, removeNodes(machinery, strays)])
  return waits.length === 0 ? undefined : Math.min(...waits)
}

/** Takes all machines of a cluster away. */
export async function removeAll(machinery: Machinery, key: ClusterKey): Promise<void> {
  forgetOthers(machinery, key, [])
  await removeNodes(machinery, machinery.nodesOf(key))
}

async function removeNodes(machinery: Machinery, nodes: readonly KubeObject[]): Promise<void> {
  await Promise.all(nodes.map(node => removeNode(machinery, node)))
}

function wantedOf(machinery: Machinery, key: ClusterKey, group: MachineGroup, nodes: readonly KubeObject[]): number {
  const id = `${key.namespace}/${key.name}/${group.name}`
  const size = sizeOf(group, nodes, machinery.sizes.get(id))
  if (group.autoscaled) machinery.sizes.set(id, size)
  else machinery.sizes.delete(id)
  return size.wanted
}

function forgetOthers(machinery: Machinery, key: ClusterKey, groups: readonly MachineGroup[]): void {
  const prefix = `${key.namespace}/${key.name}/`
  for (const id of machinery.sizes.keys()) {
    if (id.startsWith(prefix) && !groups.some(group => group.name === id.slice(prefix.length)))
      machinery.sizes.delete(id)
  }
}

async function makeNode(machinery: Machinery, key: ClusterKey, group: MachineGroup): Promise<void> {
  const { client, clock, boots } = machinery
  const node = newNode(key, group, clock.now())
  const name = node.metadata.name ?? ''
  let made: KubeObject
  try {
    made = await client.create(node, { fieldManager })
  } catch (error) {
    // The name was taken by chance: the next look makes another one.
    if (isAlreadyExists(error)) return
    throw error
  }
  if (boots.leftMs(name) === 0) await bootNode(machinery, group, made)
  await machinery.untilCached(name, true)
}

/** A machine that has had its time becomes Ready, as its kubelet reports. */
async function bootNode({ client, clock, boots }: Machinery, group: MachineGroup, node: KubeObject): Promise<void> {
  const name = node.metadata.name ?? ''
  const status = nodeStatus(group, name, true, clock.now())
  try {
    await client.patch(nodeRef(name), 'merge', { status }, { subresource: 'status', fieldManager: 'kubelet' })
    boots.started(name)
    // The API server taints a node that is not Ready; in life the node controller takes that away.
    const { taints = [] } = (node['spec'] ?? {}) as { taints?: { key: string }[] }
    const others = taints.filter(taint => taint.key !== 'node.kubernetes.io/not-ready')
    if (others.length === taints.length) return
    await client.patch(
      nodeRef(name),
      'merge',
      { spec: { taints: others.length > 0 ? others : null } },
      { fieldManager },
    )
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

async function removeNode(machinery: Machinery, node: KubeObject): Promise<void> {
  const name = node.metadata.name ?? ''
  await machinery.client.delete(nodeRef(name))
  await machinery.untilCached(name, false)
}
