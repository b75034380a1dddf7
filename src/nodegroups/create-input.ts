import type { CreateNodegroupCommandInput } from '@aws-sdk/client-eks'
import { type ClusterConfig, groupSizes, type ManagedNodeGroup } from '../specs/index.ts'

/** Fields of a managed group that `eks:CreateNodegroup` can do just as eksctl does. */
const direct = [
  'name',
  'minSize',
  'maxSize',
  'desiredCapacity',
  'instanceType',
  'instanceTypes',
  'launchTemplate',
  'subnets',
  'labels',
  'taints',
  'tags',
  'spot',
  'updateConfig',
  'iam',
]

/** How a missing group is made, or why it cannot be. */
export type Creation = { readonly input: CreateNodegroupCommandInput } | { readonly refused: string }

/**
 * What makes a missing managed group. eksctl makes groups with a CloudFormation stack that also holds a role, a launch
 * template and security groups; only a group that names its own role, launch template and subnets needs none of these, and
 * only such a group is made here. Anything else is refused by the field.
 */
export function creationOf(config: ClusterConfig, name: string): Creation {
  const group = config.managedNodeGroups?.find(one => one.name === name)
  const size = groupSizes(config).find(one => one.kind === 'managed' && one.name === name)
  if (!group || !size) return { refused: 'self-managed groups need a CloudFormation stack' }
  const fault = faultOf(group)
  if (fault !== undefined) return { refused: fault }
  const { labels, taints, spot, updateConfig, launchTemplate, subnets, iam } = group
  const types = group.instanceTypes ?? (group.instanceType === undefined ? undefined : [group.instanceType])
  const marks = { 'alpha.eksctl.io/cluster-name': config.metadata.name, 'alpha.eksctl.io/nodegroup-name': name }
  return {
    input: {
      clusterName: config.metadata.name,
      nodegroupName: name,
      nodeRole: iam?.instanceRoleARN,
      subnets: [...(subnets ?? [])],
      scalingConfig: { minSize: size.min, maxSize: size.max, desiredSize: size.desired ?? size.min },
      launchTemplate: {
        id: launchTemplate?.id,
        ...(launchTemplate?.version === undefined ? {} : { version: launchTemplate.version }),
      },
      ...(types === undefined ? {} : { instanceTypes: [...types] }),
      ...(spot === true ? { capacityType: 'SPOT' as const } : {}),
      ...(updateConfig === undefined ? {} : { updateConfig: { ...updateConfig } }),
      ...(taints === undefined
        ? {}
        : { taints: taints.map(taint => ({ ...taint, effect: effects[taint.effect ?? ''] })) }),
      labels: { ...labels, ...marks },
      tags: { ...config.metadata.tags, ...group.tags, ...marks, 'alpha.eksctl.io/nodegroup-type': 'managed' },
    },
  }
}

const effects: Readonly<Record<string, 'NO_SCHEDULE' | 'NO_EXECUTE' | 'PREFER_NO_SCHEDULE' | undefined>> = {
  NoSchedule: 'NO_SCHEDULE',
  NoExecute: 'NO_EXECUTE',
  PreferNoSchedule: 'PREFER_NO_SCHEDULE',
}

function faultOf(group: ManagedNodeGroup): string | undefined {
  const others = Object.keys(group).filter(key => !direct.includes(key))
  if (others.length > 0) return `${others.sort().join(', ')}: made by eksctl through CloudFormation`
  const iam = Object.keys(group.iam ?? {}).filter(key => key !== 'instanceRoleARN')
  if (iam.length > 0) return `iam.${iam.sort().join(', iam.')}: made by eksctl through CloudFormation`
  if (!group.iam?.instanceRoleARN) return 'iam.instanceRoleARN is not given: eksctl would make a role'
  if (!group.launchTemplate?.id) return 'launchTemplate.id is not given: eksctl would make a launch template'
  const named = (group.subnets ?? []).filter(subnet => !subnet.startsWith('subnet-'))
  if ((group.subnets ?? []).length === 0) return 'subnets are not given: eksctl would choose them'
  if (named.length > 0) return `subnets ${named.join(', ')}: give ids (subnet-…), not names`
  const odd = (group.taints ?? []).find(taint => effects[taint.effect ?? ''] === undefined)
  return odd === undefined ? undefined : `taints: the effect ${String(odd.effect)} is unknown`
}
