import type { Stack } from '@aws-sdk/client-cloudformation'
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

/**
 * The stacks of a cluster's node groups: named as eksctl names them, and tagged as its own. All stacks of the region are
 * listed with their tags, 100 a page: far fewer calls than one for each group, and deleted stacks are not among them.
 */
export async function groupStacks(aws: AwsClients, cluster: string, signal: AbortSignal): Promise<GroupStack[]> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await aws.cloudFormation()
  const found: GroupStack[] = []
  let next: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const answer = await called('cloudformation:DescribeStacks', cluster, () =>
      client.send(new DescribeStacksCommand({ NextToken: next }), { abortSignal: signal }),
    )
    for (const stack of answer.Stacks ?? []) {
      const ours = groupStack(stack, cluster)
      if (ours) found.push(ours)
    }
    next = answer.NextToken
    if (next === undefined) return found
  }
  throw new SluiceError('E_AWS_REFUSED', { object: cluster, seen: `more than ${mostPages} pages of stacks` })
}

function groupStack({ StackName = '', StackStatus, Tags = [] }: Stack, cluster: string): GroupStack | undefined {
  if (!StackName.startsWith(`eksctl-${cluster}-nodegroup-`)) return undefined
  const tags = new Map(Tags.map(tag => [tag.Key, tag.Value]))
  const group = tags.get('alpha.eksctl.io/nodegroup-name')
  // The cluster `prod` must not take the stacks of a cluster `prod-nodegroup-x` for its own.
  if (group === undefined || tags.get('alpha.eksctl.io/cluster-name') !== cluster) return undefined
  return {
    stack: StackName,
    group,
    type: tags.get('alpha.eksctl.io/nodegroup-type') ?? 'unmanaged',
    status: StackStatus ?? '',
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
