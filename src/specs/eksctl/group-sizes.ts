import type { ClusterConfig, ManagedNodeGroup, SelfManagedNodeGroup } from './cluster-config-schema.ts'

/** Who runs a group: EKS, or an auto scaling group of eksctl's own stack. */
export type GroupKind = 'managed' | 'self-managed'

/** What a ClusterConfig says about the size of a group, with eksctl's defaults. */
export interface GroupSize {
  readonly name: string
  readonly kind: GroupKind
  readonly min: number
  readonly max: number
  /** Undefined when the file says nothing: then the count belongs to the autoscaler. */
  readonly desired: number | undefined
  /** Whether the group's tags hand it to the cluster autoscaler. */
  readonly autoscaled: boolean
}

/** Nodes of a group of which the file gives no size (eksctl's DefaultNodeCount). */
export const defaultNodeCount = 2

/** The tag by which the cluster autoscaler finds its groups. */
export const autoscalerTag = 'k8s.io/cluster-autoscaler/enabled'

/** The sizes of all groups: managed ones first, each in the order of the file. The config must keep the rules. */
export function groupSizes(config: ClusterConfig): GroupSize[] {
  return [
    ...(config.managedNodeGroups ?? []).map(group => sizeOf(group, 'managed')),
    ...(config.nodeGroups ?? []).map(group => sizeOf(group, 'self-managed')),
  ]
}

/** The size of one group, by the rules of eksctl's `ValidateManagedNodeGroup` and of its stack builder. */
export function sizeOf(group: ManagedNodeGroup | SelfManagedNodeGroup, kind: GroupKind): GroupSize {
  const desired = group.desiredCapacity ?? undefined
  const min = group.minSize ?? desired ?? defaultNodeCount
  const most = group.maxSize ?? desired ?? min
  // EKS wants room for one node even where none is to run.
  const max = kind === 'managed' && most === 0 && (group.maxSize ?? undefined) === undefined ? 1 : most
  return { name: group.name, kind, min, max, desired, autoscaled: group.tags?.[autoscalerTag] === 'true' }
}
