import { SluiceError } from '../../base/errors/index.ts'
import type { AwsClients } from './clients.ts'
import { called } from './eks-calls.ts'

const mostPages = 200

/** A CloudFormation stack that eksctl made for one node group. */
export interface GroupStack {
  readonly stack: string
  readonly group: string
  /** `managed` or `unmanaged`, as eksctl tags it. */
  readonly type: string
  readonly status: string
}

/** Stacks that are there, in whatever state: all but those that are deleted. */
const liveStatuses = [
  'CREATE_IN_PROGRESS',
  'CREATE_FAILED',
  'CREATE_COMPLETE',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_FAILED',
  'ROLLBACK_COMPLETE',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_COMPLETE',
  'UPDATE_FAILED',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE',
] as const

/** The stacks of a cluster's node groups: named as eksctl names them, and tagged as its own. */
export async function groupStacks(aws: AwsClients, cluster: string, signal: AbortSignal): Promise<GroupStack[]> {
  const { ListStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await aws.cloudFormation()
  const prefix = `eksctl-${cluster}-nodegroup-`
  const names: string[] = []
  let next: string | undefined
  for (let page = 0; ; page++) {
    if (page >= mostPages) {
      throw new SluiceError('E_AWS_REFUSED', { object: cluster, seen: `more than ${mostPages} pages of stacks` })
    }
    const answer = await called('cloudformation:ListStacks', cluster, () =>
      client.send(new ListStacksCommand({ StackStatusFilter: [...liveStatuses], NextToken: next }), {
        abortSignal: signal,
      }),
    )
    for (const { StackName } of answer.StackSummaries ?? []) if (StackName?.startsWith(prefix)) names.push(StackName)
    next = answer.NextToken
    if (next === undefined) break
  }
  const stacks: GroupStack[] = []
  for (const name of names) {
    const stack = await describeStack(aws, name, signal)
    // The cluster `prod` must not take the stacks of a cluster `prod-nodegroup-x` for its own.
    if (stack && stack.cluster === cluster) stacks.push(stack)
  }
  return stacks
}

async function describeStack(
  aws: AwsClients,
  name: string,
  signal: AbortSignal,
): Promise<(GroupStack & { readonly cluster: string | undefined }) | undefined> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await aws.cloudFormation()
  const { Stacks } = await called('cloudformation:DescribeStacks', name, () =>
    client.send(new DescribeStacksCommand({ StackName: name }), { abortSignal: signal }),
  )
  const [found] = Stacks ?? []
  const tags = new Map((found?.Tags ?? []).map(tag => [tag.Key, tag.Value]))
  const group = tags.get('alpha.eksctl.io/nodegroup-name')
  if (!found || group === undefined) return undefined
  return {
    stack: name,
    group,
    type: tags.get('alpha.eksctl.io/nodegroup-type') ?? 'unmanaged',
    status: found.StackStatus ?? '',
    cluster: tags.get('alpha.eksctl.io/cluster-name'),
  }
}

/** The auto scaling group in a stack: eksctl gives it the logical id `NodeGroup`. */
export async function groupOfStack(aws: AwsClients, stack: string, signal: AbortSignal): Promise<string | undefined> {
  const { DescribeStackResourcesCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await aws.cloudFormation()
  const { StackResources } = await called('cloudformation:DescribeStackResources', stack, () =>
    client.send(new DescribeStackResourcesCommand({ StackName: stack, LogicalResourceId: 'NodeGroup' }), {
      abortSignal: signal,
    }),
  )
  return StackResources?.find(one => one.LogicalResourceId === 'NodeGroup')?.PhysicalResourceId
}

export async function deleteStack(aws: AwsClients, stack: string, signal: AbortSignal): Promise<void> {
  const { DeleteStackCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await aws.cloudFormation()
  await called('cloudformation:DeleteStack', stack, () =>
    client.send(new DeleteStackCommand({ StackName: stack }), { abortSignal: signal }),
  )
}
