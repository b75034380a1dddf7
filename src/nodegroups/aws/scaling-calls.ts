import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { SluiceError } from '../../base/errors/index.ts'
import type { SizeUpdate } from '../decide.ts'
import type { AwsClients } from './clients.ts'
import { called } from './eks-calls.ts'

/** Auto scaling groups by name. */
export async function describeScalingGroups(
  aws: AwsClients,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, AutoScalingGroup>> {
  const found = new Map<string, AutoScalingGroup>()
  if (names.length === 0) return found
  const { DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  // A call takes so many names that its answer fits on a page.
  for (let from = 0; from < names.length; from += 50) {
    let next: string | undefined
    do {
      const command = new DescribeAutoScalingGroupsCommand({
        AutoScalingGroupNames: names.slice(from, from + 50),
        MaxRecords: 50,
        NextToken: next,
      })
      const answer = await called('autoscaling:DescribeAutoScalingGroups', names[from] ?? '', () =>
        client.send(command, { abortSignal: signal }),
      )
      for (const group of answer.AutoScalingGroups ?? []) found.set(group.AutoScalingGroupName ?? '', group)
      next = answer.NextToken
    } while (next !== undefined)
  }
  return found
}

export async function updateScalingGroup(
  aws: AwsClients,
  name: string,
  size: SizeUpdate,
  signal: AbortSignal,
): Promise<void> {
  const { UpdateAutoScalingGroupCommand } = await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  const command = new UpdateAutoScalingGroupCommand({
    AutoScalingGroupName: name,
    MinSize: size.min,
    MaxSize: size.max,
    ...(size.desired === undefined ? {} : { DesiredCapacity: size.desired }),
  })
  await called('autoscaling:UpdateAutoScalingGroup', name, () => client.send(command, { abortSignal: signal }))
}

/**
 * Refuses to grow a group whose image is gone: its new machines could never start (as `eksctl scale nodegroup` does).
 *
 * @throws E_AWS_REFUSED
 */
export async function requireImage(
  aws: AwsClients,
  group: string,
  template: { readonly id: string; readonly version: string },
  signal: AbortSignal,
): Promise<void> {
  const { DescribeImagesCommand, DescribeLaunchTemplateVersionsCommand } = await import('@aws-sdk/client-ec2')
  const client = await aws.ec2()
  const { LaunchTemplateVersions } = await called('ec2:DescribeLaunchTemplateVersions', group, () =>
    client.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: template.id, Versions: [template.version] }),
      { abortSignal: signal },
    ),
  )
  const image = LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId
  // A template may name a parameter instead; then AWS finds the image.
  if (image === undefined || !image.startsWith('ami-')) return
  const next = `Replace the group with one of a newer image: eksctl create nodegroup, then remove the old one.`
  const gone = (cause?: unknown) =>
    new SluiceError('E_AWS_REFUSED', { object: group, seen: `its image ${image} is gone`, next, cause })
  try {
    const { Images } = await called('ec2:DescribeImages', group, () =>
      client.send(new DescribeImagesCommand({ ImageIds: [image] }), { abortSignal: signal }),
    )
    if ((Images ?? []).length === 0) throw gone()
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'E_AWS_NOT_FOUND') throw gone(error)
    throw error
  }
}
