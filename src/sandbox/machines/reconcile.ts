import { isNotFound } from '../../kube/client/index.ts'
import { type Cluster, eksaAnnotations, isPaused, isSelfManaged } from '../../specs/index.ts'
import { lookAround, ownChildren } from './children.ts'
import { followGroups, removeAll } from './follow-groups.ts'
import { machineGroups } from './groups.ts'
import { type ClusterKey, clusterRef, fieldManager, type Machinery } from './machinery.ts'
import { writeStatus } from './write-status.ts'

/** The finalizer of EKS Anywhere's controller: machines go before the cluster does. */
export const clusterFinalizer = 'clusters.anywhere.eks.amazonaws.com/finalizer'

/**
 * Brings the machines of one cluster to what its spec wants, one step at a time; watches bring the next step.
 *
 * @returns milliseconds after which to look again; undefined when only a change can bring something new.
 */
export async function reconcileCluster(
  machinery: Machinery,
  key: ClusterKey,
  cluster: Cluster | undefined,
): Promise<number | undefined> {
  if (cluster === undefined) {
    await removeAll(machinery, key)
    return undefined
  }
  if (cluster.metadata.deletionTimestamp !== undefined) {
    await deleteCluster(machinery, key, cluster)
    return undefined
  }
  if (isPaused(cluster)) return undefined
  const finalizers = cluster.metadata.finalizers ?? []
  if (!finalizers.includes(clusterFinalizer)) {
    await setFinalizers(machinery, key, cluster, [...finalizers, clusterFinalizer])
    return undefined
  }
  const children = await lookAround(machinery, key, cluster)
  await ownChildren(machinery, cluster, children.found)
  const groups = machineGroups(cluster, children.findMachine)
  const next = children.failure === undefined ? await followGroups(machinery, key, groups) : undefined
  await writeStatus(machinery, key, {
    cluster,
    groups,
    failure: children.failure,
    childrenGeneration: children.generation,
  })
  return next
}

async function deleteCluster(machinery: Machinery, key: ClusterKey, cluster: Cluster): Promise<void> {
  const { metadata } = cluster
  if (!metadata.finalizers?.includes(clusterFinalizer)) return
  const { annotations = {} } = metadata
  if (isPaused(cluster) && annotations[eksaAnnotations.allowDeleteWhenPaused] !== 'true') return
  if (isSelfManaged(cluster) && annotations[eksaAnnotations.managedByCli] !== 'true') {
    const failure = { reason: 'ClusterInvalid', message: 'deleting self-managed clusters is not supported' } as const
    const childrenGeneration = cluster.status?.childrenReconciledGeneration ?? 0
    await writeStatus(machinery, key, { cluster, groups: machineGroups(cluster), failure, childrenGeneration })
    return
  }
  await removeAll(machinery, key)
  const others = metadata.finalizers.filter(one => one !== clusterFinalizer)
  await setFinalizers(machinery, key, cluster, others)
}

async function setFinalizers(
  { client }: Machinery,
  key: ClusterKey,
  { metadata: { resourceVersion } }: Cluster,
  finalizers: readonly string[],
): Promise<void> {
  // With the version that was read: what somebody else added meanwhile must not be lost.
  const patch = { metadata: { resourceVersion, finalizers } }
  try {
    await client.patch(clusterRef(key), 'merge', patch, { fieldManager })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
