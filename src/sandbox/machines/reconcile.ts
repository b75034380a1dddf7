import type { Clock } from '../../base/clock.ts'
import { jsonEqual } from '../../base/json.ts'
import { isAlreadyExists, isNotFound } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { type Cluster, eksaAnnotations, isPaused, isSelfManaged } from '../../specs/index.ts'
import { dependents } from './dependents.ts'
import { type MachineGroup, machineGroups, wantedCount } from './groups.ts'
import { groupOf, isReady, newNode, nodeStatus } from './node.ts'
import { type ClusterFailure, clusterStatus } from './status.ts'

/** The finalizer of EKS Anywhere's controller: machines go before the cluster does. */
export const clusterFinalizer = 'clusters.anywhere.eks.amazonaws.com/finalizer'
const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const
const nodeKind = { group: '', version: 'v1', kind: 'Node', namespace: '' } as const
const fieldManager = 'eks-a-controller'

/** What reconciling reads and writes. */
export interface Machinery {
  readonly client: KubeClient
  readonly clock: Clock
  /** How long a machine takes to become Ready, in milliseconds. */
  readonly readyAfterMs: number
  /** Nodes of a cluster, as the cache has them. */
  nodesOf(cluster: string): readonly KubeObject[]
  /** An object beside the cluster, as the cache has it. */
  dependent(ref: ObjectRef): Promise<KubeObject | undefined>
  /** Resolves when the cache has seen a node: until then another look would make it twice. */
  seen(node: string): Promise<void>
  /** Asks for this cluster again after some milliseconds. */
  again(ms: number): void
}

/** Brings the machines of one cluster to what its spec wants, one step at a time; watches bring the next step. */
export async function reconcileCluster(
  machinery: Machinery,
  name: string,
  cluster: Cluster | undefined,
): Promise<void> {
  if (cluster === undefined) return removeNodes(machinery, machinery.nodesOf(name))
  if (cluster.metadata.deletionTimestamp !== undefined) return deleteCluster(machinery, cluster)
  if (isPaused(cluster)) return
  if (!cluster.metadata.finalizers?.includes(clusterFinalizer)) {
    await setFinalizers(machinery, cluster, [...(cluster.metadata.finalizers ?? []), clusterFinalizer])
    return
  }
  const groups = machineGroups(cluster)
  const { failure, generation } = await lookAround(machinery, cluster)
  if (!failure) await followGroups(machinery, cluster, groups)
  await writeStatus(machinery, cluster, groups, failure, generation)
}

async function lookAround(
  machinery: Machinery,
  cluster: Cluster,
): Promise<{ failure: ClusterFailure | undefined; generation: number }> {
  const refs = dependents(cluster)
  const found = await Promise.all(refs.map(ref => machinery.dependent(ref)))
  const missing = refs.filter((_, i) => found[i] === undefined)
  const generation = found.reduce((sum, object) => sum + (object?.metadata.generation ?? 0), 0)
  const message = `Dependent cluster objects don't exist: ${missing.map(ref => `${ref.kind} ${ref.name}`).join(', ')}`
  return { failure: missing.length > 0 ? { reason: 'MissingDependentObjects', message } : undefined, generation }
}

async function followGroups(machinery: Machinery, cluster: Cluster, groups: readonly MachineGroup[]): Promise<void> {
  const name = cluster.metadata.name ?? ''
  const nodes = machinery.nodesOf(name)
  const initialized = nodes.some(node => groupOf(node, name)?.controlPlane && isReady(node))
  const work: Promise<unknown>[] = []
  for (const group of groups) {
    const mine = nodes.filter(node => isOf(node, name, group))
    const wanted = wantedCount(group, mine.length)
    // Workers join once there is a control plane to join.
    if (wanted > mine.length && (group.controlPlane || initialized)) {
      for (let i = mine.length; i < wanted; i++) work.push(makeNode(machinery, name, group))
    }
    if (wanted < mine.length) work.push(removeNodes(machinery, surplus(mine, mine.length - wanted)))
    work.push(...mine.filter(node => !isReady(node)).map(node => bootNode(machinery, group, node)))
  }
  const unknown = nodes.filter(node => !groups.some(group => isOf(node, name, group)))
  work.push(removeNodes(machinery, unknown))
  await Promise.all(work)
}

function isOf(node: KubeObject, cluster: string, group: MachineGroup): boolean {
  const its = groupOf(node, cluster)
  return its !== undefined && its.controlPlane === group.controlPlane && its.name === group.name
}

/** Which nodes go first: those that are not Ready, then the youngest. */
function surplus(nodes: readonly KubeObject[], count: number): KubeObject[] {
  const rank = (node: KubeObject) => `${isReady(node) ? 1 : 0}`
  const age = (node: KubeObject) => node.metadata.creationTimestamp ?? ''
  return [...nodes].sort((a, b) => rank(a).localeCompare(rank(b)) || age(b).localeCompare(age(a))).slice(0, count)
}

async function makeNode(machinery: Machinery, cluster: string, group: MachineGroup): Promise<void> {
  const { client, clock } = machinery
  try {
    const node = await client.create(newNode(cluster, group, clock.now()), { fieldManager })
    if (machinery.readyAfterMs <= 0) await bootNode(machinery, group, node)
    else machinery.again(machinery.readyAfterMs)
    await machinery.seen(node.metadata.name ?? '')
  } catch (error) {
    // The name was taken by chance: the watch brings the next try.
    if (!isAlreadyExists(error)) throw error
    machinery.again(0)
  }
}

/** A machine that has had its time becomes Ready; the others are asked after again. */
async function bootNode(
  { client, clock, readyAfterMs, again }: Machinery,
  group: MachineGroup,
  node: KubeObject,
): Promise<void> {
  const name = node.metadata.name ?? ''
  const due = Date.parse(node.metadata.creationTimestamp ?? '') + readyAfterMs - clock.now().getTime()
  // Creation times are whole seconds, so a short boot time is over at once; the first look after `readyAfterMs` decides.
  if (due > 0 && readyAfterMs >= 1000) return again(due)
  const status = nodeStatus(group.kubernetesVersion, name, true, clock.now())
  try {
    await client.patch({ ...nodeKind, name }, 'merge', { status }, { subresource: 'status', fieldManager: 'kubelet' })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

async function removeNodes({ client }: Machinery, nodes: readonly KubeObject[]): Promise<void> {
  await Promise.all(nodes.map(node => client.delete({ ...nodeKind, name: node.metadata.name ?? '' })))
}

async function deleteCluster(machinery: Machinery, cluster: Cluster): Promise<void> {
  const { metadata } = cluster
  if (!metadata.finalizers?.includes(clusterFinalizer)) return
  if (isPaused(cluster) && metadata.annotations?.[eksaAnnotations.allowDeleteWhenPaused] !== 'true') return
  const nodes = machinery.nodesOf(metadata.name ?? '')
  if (isSelfManaged(cluster) && metadata.annotations?.[eksaAnnotations.managedByCli] !== 'true') {
    const failure = { reason: 'ClusterInvalid', message: 'deleting self-managed clusters is not supported' } as const
    return writeStatus(
      machinery,
      cluster,
      machineGroups(cluster),
      failure,
      cluster.status?.childrenReconciledGeneration ?? 0,
    )
  }
  await removeNodes(machinery, nodes)
  await setFinalizers(
    machinery,
    cluster,
    metadata.finalizers.filter(one => one !== clusterFinalizer),
  )
}

async function setFinalizers(
  { client }: Machinery,
  { metadata }: Cluster,
  finalizers: readonly string[],
): Promise<void> {
  const ref = { ...clusterKind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
  // With the version that was read: what somebody else added meanwhile must not be lost.
  const patch = { metadata: { resourceVersion: metadata.resourceVersion, finalizers } }
  try {
    await client.patch(ref, 'merge', patch, { fieldManager })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

async function writeStatus(
  machinery: Machinery,
  cluster: Cluster,
  groups: readonly MachineGroup[],
  failure: ClusterFailure | undefined,
  childrenGeneration: number,
): Promise<void> {
  const name = cluster.metadata.name ?? ''
  const status = clusterStatus({
    cluster,
    groups,
    nodes: machinery.nodesOf(name),
    failure,
    childrenGeneration,
    now: machinery.clock.now(),
  })
  const before = (cluster.status ?? {}) as Record<string, unknown>
  const gone = Object.keys(before).filter(key => !(key in status))
  if (gone.length === 0 && jsonEqual({ ...before, ...status }, before)) return
  const patch = { status: { ...status, ...Object.fromEntries(gone.map(key => [key, null])) } }
  const ref = { ...clusterKind, namespace: cluster.metadata.namespace ?? '', name }
  await machinery.client.patch(ref, 'merge', patch, { subresource: 'status', fieldManager })
}
