import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { type Cluster, eksaApiVersion, isSelfManaged } from '../../specs/index.ts'
import { dependents } from './dependents.ts'
import type { FindMachine } from './groups.ts'
import { type ClusterKey, fieldManager, type Machinery } from './machinery.ts'
import type { ClusterFailure } from './status.ts'

/** The objects around a cluster. */
export interface Children {
  readonly found: readonly KubeObject[]
  /** Sum of their generations: it changes when one of them does. */
  readonly generation: number
  /** Why the cluster cannot be reconciled. */
  readonly failure: ClusterFailure | undefined
  readonly findMachine: FindMachine
}

/** Looks for everything that a cluster needs before a machine can be made. */
export async function lookAround(machinery: Machinery, key: ClusterKey, cluster: Cluster): Promise<Children> {
  const refs = dependents(cluster)
  const answers = await Promise.all(refs.map(ref => machinery.dependent(ref)))
  const found = answers.filter(object => object !== undefined)
  const missing = refs.filter((_, i) => answers[i] === undefined)
  const machine = new Map(found.map(object => [`${object.kind}/${object.metadata.name}`, object]))
  return {
    found,
    generation: found.reduce((sum, object) => sum + (object.metadata.generation ?? 0), 0),
    failure: failureOf(machinery, key, cluster, missing),
    findMachine: ref => machine.get(`${ref?.kind}/${ref?.name}`),
  }
}

function failureOf(
  machinery: Machinery,
  { namespace }: ClusterKey,
  cluster: Cluster,
  missing: readonly ObjectRef[],
): ClusterFailure | undefined {
  if (missing.length > 0) {
    const names = missing.map(ref => `${ref.kind} ${ref.name}`).join(', ')
    return { reason: 'MissingDependentObjects', message: `Dependent cluster objects don't exist: ${names}` }
  }
  const manager = cluster.spec.managementCluster?.name
  if (isSelfManaged(cluster) || manager === undefined) return undefined
  const object = machinery.clusterAt({ namespace, name: manager }) as Cluster | undefined
  if (object === undefined) {
    return { reason: 'ManagementClusterRefInvalid', message: `Management cluster ${manager} does not exist` }
  }
  if (isSelfManaged(object)) return undefined
  return { reason: 'ManagementClusterRefInvalid', message: `${manager} is not a valid management cluster` }
}

/** Makes the cluster an owner of the objects around it, so that they go with it. */
export async function ownChildren(
  { client }: Machinery,
  cluster: Cluster,
  children: readonly KubeObject[],
): Promise<void> {
  const { name = '', uid } = cluster.metadata
  if (uid === undefined) return
  const owner = { apiVersion: eksaApiVersion, kind: 'Cluster', name, uid }
  const seen = new Set<string>()
  await Promise.all(
    children.map(async child => {
      const ref = refOf(child)
      const owners = child.metadata.ownerReferences ?? []
      if (seen.has(refKey(ref)) || owners.some(one => one.uid === uid)) return
      seen.add(refKey(ref))
      // With the version that was read: what somebody else added meanwhile must not be lost.
      const { resourceVersion } = child.metadata
      await client.patch(
        ref,
        'merge',
        { metadata: { resourceVersion, ownerReferences: [...owners, owner] } },
        { fieldManager },
      )
    }),
  )
}
