import type { QueryInput } from './query.ts'
import { type AutoScalingGroup, AwsFailure, type AwsState } from './state.ts'

/** One page of a listing: 100 a page for all services here, or fewer when asked. */
function page<T>(items: readonly T[], token: string | undefined, most = 100): { items: T[]; NextToken?: string } {
  const from = Number(token ?? 0)
  if (!Number.isInteger(from) || from < 0) throw new AwsFailure('InvalidNextToken', 'The NextToken value is not valid.')
  const next = from + most < items.length ? { NextToken: String(from + most) } : {}
  return { items: items.slice(from, from + most), ...next }
}

type Operation = (state: AwsState, input: QueryInput, pageSize: number) => unknown

/** The operations of the query services that are served, by `service:Action`. */
export const queryOperations: Readonly<Record<string, Operation>> = {
  'autoscaling:DescribeAutoScalingGroups': (state, input, pageSize) => {
    input.only('AutoScalingGroupNames', 'NextToken', 'MaxRecords')
    const names = input.list('AutoScalingGroupNames')
    const most = input.integer('MaxRecords') ?? 50
    if (most < 1 || most > 100) throw new AwsFailure('ValidationError', 'MaxRecords must be between 1 and 100')
    const all = [...state.groups.values()].filter(group => names.length === 0 || names.includes(group.name))
    const { items, ...rest } = page(all, input.text('NextToken'), Math.min(most, pageSize))
    return { AutoScalingGroups: items.map(shownGroup), ...rest }
  },
  'autoscaling:UpdateAutoScalingGroup': (state, input) => {
    input.only('AutoScalingGroupName', 'MinSize', 'MaxSize', 'DesiredCapacity')
    const name = input.required('AutoScalingGroupName')
    const group = state.groups.get(name)
    if (!group)
      throw new AwsFailure('ValidationError', `AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`)
    const minSize = input.integer('MinSize') ?? group.scaling.minSize
    const maxSize = input.integer('MaxSize') ?? group.scaling.maxSize
    const wanted = input.integer('DesiredCapacity')
    if (minSize > maxSize)
      throw new AwsFailure(
        'ValidationError',
        `Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`,
      )
    if (wanted !== undefined && (wanted < minSize || wanted > maxSize)) {
      const message = `Desired capacity:${wanted} must be between the specified min size:${minSize} and max size:${maxSize}`
      throw new AwsFailure('ValidationError', message)
    }
    // A bound that is moved past the count moves the count.
    const desiredSize = wanted ?? Math.min(maxSize, Math.max(minSize, group.scaling.desiredSize))
    group.scaling = { minSize, maxSize, desiredSize }
    group.instances = desiredSize
    return undefined
  },
  'cloudformation:ListStacks': (state, input, pageSize) => {
    input.only('NextToken', 'StackStatusFilter')
    const statuses = input.list('StackStatusFilter')
    const all = [...state.stacks.values()].filter(one => statuses.length === 0 || statuses.includes(one.status))
    const { items, ...rest } = page(all, input.text('NextToken'), pageSize)
    const summaries = items.map(one => ({
      StackId: one.id,
      StackName: one.name,
      StackStatus: one.status,
      CreationTime: new Date(one.createdAt).toISOString(),
    }))
    return { StackSummaries: summaries, ...rest }
  },
  'cloudformation:DescribeStacks': (state, input) => {
    input.only('StackName', 'NextToken')
    const one = stackOf(state, input.required('StackName'))
    const tags = Object.entries(one.tags).map(([Key, Value]) => ({ Key, Value }))
    const CreationTime = new Date(one.createdAt).toISOString()
    return { Stacks: [{ StackId: one.id, StackName: one.name, StackStatus: one.status, CreationTime, Tags: tags }] }
  },
  'cloudformation:DescribeStackResources': (state, input) => {
    input.only('StackName', 'LogicalResourceId')
    const one = stackOf(state, input.required('StackName'))
    return {
      StackResources: Object.entries(one.resources).map(([id, resource]) => ({
        StackName: one.name,
        LogicalResourceId: id,
        PhysicalResourceId: resource.id,
        ResourceType: resource.type,
        ResourceStatus: 'CREATE_COMPLETE',
        Timestamp: new Date(one.createdAt).toISOString(),
      })),
    }
  },
  'cloudformation:DeleteStack': (state, input) => {
    input.only('StackName', 'ClientRequestToken')
    const name = input.required('StackName')
    const one = [...state.stacks.values()].find(stack => stack.name === name || stack.id === name)
    if (!one) return undefined
    one.status = 'DELETE_COMPLETE'
    for (const { type, id } of Object.values(one.resources)) {
      if (type === 'AWS::AutoScaling::AutoScalingGroup') state.groups.delete(id)
      if (type === 'AWS::EKS::Nodegroup') {
        const [cluster = '', group = ''] = id.split('/')
        state.clusters.get(cluster)?.delete(group)
      }
    }
    return undefined
  },
  'ec2:DescribeLaunchTemplateVersions': (state, input) => {
    input.only('LaunchTemplateId', 'LaunchTemplateVersion', 'ResolveAlias')
    const id = input.required('LaunchTemplateId')
    const versions = state.launchTemplates.get(id)
    if (!versions) {
      const message = `At least one of the launch templates specified in the request does not exist.`
      throw new AwsFailure('InvalidLaunchTemplateId.NotFoundException', message)
    }
    const [wanted = '$Latest'] = input.list('LaunchTemplateVersion')
    const number = wanted.startsWith('$') ? ([...versions.keys()].at(-1) ?? '1') : wanted
    const image = versions.get(number)
    if (image === undefined) {
      throw new AwsFailure(
        'InvalidLaunchTemplateId.VersionNotFound',
        `Could not find launch template version ${wanted}`,
      )
    }
    return {
      launchTemplateVersionSet: [
        { launchTemplateId: id, versionNumber: number, launchTemplateData: { imageId: image } },
      ],
    }
  },
  'ec2:DescribeImages': (state, input) => {
    input.only('ImageId')
    const ids = input.list('ImageId')
    const gone = ids.filter(id => !state.images.has(id))
    if (gone.length > 0) {
      throw new AwsFailure('InvalidAMIID.NotFound', `The image id '[${gone.join(', ')}]' does not exist`)
    }
    return { imagesSet: ids.map(imageId => ({ imageId, imageState: 'available' })) }
  },
}

function stackOf(state: AwsState, name: string) {
  const found = [...state.stacks.values()].find(one => one.name === name || one.id === name)
  if (!found) throw new AwsFailure('ValidationError', `Stack with id ${name} does not exist`)
  return found
}

function shownGroup(group: AutoScalingGroup): unknown {
  return {
    AutoScalingGroupName: group.name,
    MinSize: group.scaling.minSize,
    MaxSize: group.scaling.maxSize,
    DesiredCapacity: group.scaling.desiredSize,
    DefaultCooldown: 300,
    AvailabilityZones: ['eu-north-1a'],
    HealthCheckType: 'EC2',
    CreatedTime: '2026-01-01T00:00:00.000Z',
    ...(group.launchTemplate
      ? { LaunchTemplate: { LaunchTemplateId: group.launchTemplate.id, Version: group.launchTemplate.version } }
      : {}),
    Instances: Array.from({ length: group.instances }, (_, i) => ({
      InstanceId: `i-${i.toString(16).padStart(17, '0')}`,
      AvailabilityZone: 'eu-north-1a',
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
      ProtectedFromScaleIn: false,
    })),
    Tags: Object.entries(group.tags).map(([Key, Value]) => ({
      Key,
      Value,
      PropagateAtLaunch: true,
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
    })),
  }
}
