import type { CreateNodegroupCommandInput, Nodegroup, Update } from '@aws-sdk/client-eks'
import { SluiceError } from '../../base/errors/index.ts'
import type { SizeUpdate } from '../decide.ts'
import type { AwsClients } from './clients.ts'
import { awsFailure } from './failure.ts'

/** Pages of one listing that are read at most: 10 000 groups. */
const mostPages = 100

/** Runs one call and turns what it fails with into one of our errors. */
export async function called<T>(action: string, object: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw awsFailure(error, action, object)
  }
}

/** Names of all managed groups of a cluster. */
export async function listNodegroups(aws: AwsClients, cluster: string, signal: AbortSignal): Promise<string[]> {
  const { ListNodegroupsCommand } = await import('@aws-sdk/client-eks')
  const client = await aws.eks()
  const names: string[] = []
  let nextToken: string | undefined
  for (let page = 0; page < mostPages; page++) {
    const answer = await called('eks:ListNodegroups', cluster, () =>
      client.send(new ListNodegroupsCommand({ clusterName: cluster, maxResults: 100, nextToken }), {
        abortSignal: signal,
      }),
    )
    names.push(...(answer.nodegroups ?? []))
    nextToken = answer.nextToken
    if (nextToken === undefined) return names
  }
  throw new SluiceError('E_AWS_REFUSED', { object: cluster, seen: `more than ${mostPages} pages of node groups` })
}

/** One managed group; undefined when it is gone. */
export async function describeNodegroup(
  aws: AwsClients,
  cluster: string,
  name: string,
  signal: AbortSignal,
): Promise<Nodegroup | undefined> {
  const { DescribeNodegroupCommand } = await import('@aws-sdk/client-eks')
  const client = await aws.eks()
  try {
    const answer = await called('eks:DescribeNodegroup', `${cluster}/${name}`, () =>
      client.send(new DescribeNodegroupCommand({ clusterName: cluster, nodegroupName: name }), { abortSignal: signal }),
    )
    return answer.nodegroup
  } catch (error) {
    // It went between the listing and now.
    if (error instanceof SluiceError && error.code === 'E_AWS_NOT_FOUND') return undefined
    throw error
  }
}

/** Asks for a new size. The same token asks for the same update, however often it is sent. */
export async function updateNodegroup(
  aws: AwsClients,
  request: { cluster: string; name: string; size: SizeUpdate; token: string },
  signal: AbortSignal,
): Promise<Update | undefined> {
  const { UpdateNodegroupConfigCommand } = await import('@aws-sdk/client-eks')
  const client = await aws.eks()
  const { cluster, name, size, token } = request
  const command = new UpdateNodegroupConfigCommand({
    clusterName: cluster,
    nodegroupName: name,
    scalingConfig: {
      minSize: size.min,
      maxSize: size.max,
      ...(size.desired === undefined ? {} : { desiredSize: size.desired }),
    },
    clientRequestToken: token,
  })
  const answer = await called('eks:UpdateNodegroupConfig', `${cluster}/${name}`, () =>
    client.send(command, { abortSignal: signal }),
  )
  return answer.update
}

/** An update that was asked for; undefined when EKS has forgotten it. */
export async function describeUpdate(
  aws: AwsClients,
  cluster: string,
  name: string,
  id: string,
  signal: AbortSignal,
): Promise<Update | undefined> {
  const { DescribeUpdateCommand } = await import('@aws-sdk/client-eks')
  const client = await aws.eks()
  try {
    const answer = await called('eks:DescribeUpdate', `${cluster}/${name}`, () =>
      client.send(new DescribeUpdateCommand({ name: cluster, nodegroupName: name, updateId: id }), {
        abortSignal: signal,
      }),
    )
    return answer.update
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'E_AWS_NOT_FOUND') return undefined
    throw error
  }
}

export async function createNodegroup(
  aws: AwsClients,
  input: CreateNodegroupCommandInput,
  signal: AbortSignal,
): Promise<void> {
  const { CreateNodegroupCommand } = await import('@aws-sdk/client-eks')
  const client = await aws.eks()
  await called('eks:CreateNodegroup', `${input.clusterName}/${input.nodegroupName}`, () =>
    client.send(new CreateNodegroupCommand(input), { abortSignal: signal }),
  )
}

export async function deleteNodegroup(
  aws: AwsClients,
  cluster: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const { DeleteNodegroupCommand } = await import('@aws-sdk/client-eks')
  const client = await aws.eks()
  await called('eks:DeleteNodegroup', `${cluster}/${name}`, () =>
    client.send(new DeleteNodegroupCommand({ clusterName: cluster, nodegroupName: name }), { abortSignal: signal }),
  )
}
