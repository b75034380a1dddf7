import { Semaphore } from '../../base/semaphore.ts'
import type { LiveGroup } from '../live-groups.ts'
import type { AwsClients } from './clients.ts'
import { describeNodegroup, listNodegroups } from './eks-calls.ts'
import { describeScalingGroups } from './scaling-calls.ts'
import { groupOfStack, groupStacks } from './stack-calls.ts'

/** Calls about single groups at once. */
const width = 4

/**
 * All node groups of a cluster as AWS has them: managed ones from EKS, self-managed ones from eksctl's stacks and their auto
 * scaling groups. The live values count, not those of the stack: eksctl itself lets stacks drift.
 */
export async function readLiveGroups(aws: AwsClients, cluster: string, signal: AbortSignal): Promise<LiveGroup[]> {
  const slots = new Semaphore(width)
  const each = <T, R>(items: readonly T[], work: (item: T) => Promise<R>) =>
    allOf(items.map(item => slots.run(() => work(item), signal)))
  const [names, stacks] = await allOf([listNodegroups(aws, cluster, signal), groupStacks(aws, cluster, signal)])
  const [managed, own] = await allOf([
    each(names, name => describeNodegroup(aws, cluster, name, signal)),
    each(
      stacks.filter(stack => stack.type === 'unmanaged'),
      async stack => ({ ...stack, scalingGroup: await groupOfStack(aws, stack.stack, signal) }),
    ),
  ])
  const scalingNames = [
    ...managed.flatMap(group => (group?.resources?.autoScalingGroups ?? []).map(one => one.name)),
    ...own.map(one => one.scalingGroup),
  ].filter(name => name !== undefined)
  const scaling = await describeScalingGroups(aws, scalingNames, signal)
  const machines = (name: string | undefined) =>
    (scaling.get(name ?? '')?.Instances ?? []).filter(one => one.LifecycleState === 'InService').length
  const found: LiveGroup[] = []
  for (const group of managed) {
    if (!group?.nodegroupName) continue
    const { minSize = 0, maxSize = 0, desiredSize = 0 } = group.scalingConfig ?? {}
    const stack = stacks.find(one => one.group === group.nodegroupName && one.type === 'managed')?.stack
    found.push({
      name: group.nodegroupName,
      kind: 'managed',
      size: { min: minSize, max: maxSize, desired: desiredSize },
      status: group.status ?? 'UNKNOWN',
      nodes: (group.resources?.autoScalingGroups ?? []).reduce((sum, one) => sum + machines(one.name), 0),
      ...(stack === undefined ? {} : { stack }),
      ...(group.modifiedAt === undefined ? {} : { modifiedAt: group.modifiedAt.toISOString() }),
      issues: (group.health?.issues ?? []).map(issue => `${issue.code}: ${issue.message}`),
    })
  }
  for (const { group, stack, status, scalingGroup } of own) {
    const live = scaling.get(scalingGroup ?? '')
    const template = live?.LaunchTemplate ?? live?.MixedInstancesPolicy?.LaunchTemplate?.LaunchTemplateSpecification
    found.push({
      name: group,
      kind: 'self-managed',
      size: { min: live?.MinSize ?? 0, max: live?.MaxSize ?? 0, desired: live?.DesiredCapacity ?? 0 },
      status: status === 'DELETE_IN_PROGRESS' ? 'DELETING' : live === undefined ? 'CREATING' : 'ACTIVE',
      nodes: machines(scalingGroup),
      stack,
      ...(live && scalingGroup !== undefined ? { autoScalingGroup: scalingGroup } : {}),
      ...(template?.LaunchTemplateId
        ? { launchTemplate: { id: template.LaunchTemplateId, version: template.Version ?? '$Default' } }
        : {}),
      issues: [],
    })
  }
  return found
}

/** Like Promise.all, but a failure is told only when nothing runs any more: a pass leaves no calls behind. */
async function allOf<T extends readonly unknown[]>(work: readonly [...{ [K in keyof T]: Promise<T[K]> }]): Promise<T> {
  await Promise.allSettled(work)
  return (await Promise.all(work)) as unknown as T
}
