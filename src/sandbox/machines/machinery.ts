import type { Clock } from '../../base/clock.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { BootTimes } from './boot-times.ts'
import type { KnownSize } from './plan.ts'

/** Where a cluster is. */
export interface ClusterKey {
  readonly namespace: string
  readonly name: string
}

/** What the controller reads and writes. */
export interface Machinery {
  readonly client: KubeClient
  readonly clock: Clock
  readonly boots: BootTimes
  /** What is known of the sizes of autoscaled groups, by `namespace/cluster/group`. */
  readonly sizes: Map<string, KnownSize>
  /** Nodes of a cluster, as the cache has them. */
  nodesOf(cluster: ClusterKey): readonly KubeObject[]
  /** A Cluster, as the cache has it. */
  clusterAt(cluster: ClusterKey): KubeObject | undefined
  /** An object beside a cluster, as the cache has it. */
  dependent(ref: ObjectRef): Promise<KubeObject | undefined>
  /** Resolves when the cache has a node, or has it no more: until then another look would act twice. */
  untilCached(node: string, present: boolean): Promise<void>
}

/** The field manager of EKS Anywhere's controller. */
export const fieldManager = 'eks-a-controller'

/** The reference of a cluster. */
export function clusterRef({ namespace, name }: ClusterKey): ObjectRef {
  return { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster', namespace, name }
}

/** The reference of a node. */
export function nodeRef(name: string): ObjectRef {
  return { group: '', version: 'v1', kind: 'Node', namespace: '', name }
}
