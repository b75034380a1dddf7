import { AutoScalingClient, UpdateAutoScalingGroupCommand } from '@aws-sdk/client-auto-scaling'
import {
  DescribeUpdateCommand,
  EKSClient,
  ListNodegroupsCommand,
  UpdateNodegroupConfigCommand,
} from '@aws-sdk/client-eks'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SandboxAws, startAws } from './index.ts'

const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

let aws: SandboxAws
let eks: EKSClient
const config = (region = 'eu-north-1') => ({
  endpoint: aws.url,
  region,
  maxAttempts: 1,
  credentials: { accessKeyId: 'AKIDSANDBOX', secretAccessKey: 'x' },
})

beforeEach(async () => {
  aws = await startAws()
  aws.admin.addCluster('prod')
  aws.admin.addManaged('prod', 'a', scaling(1, 5, 3))
  aws.admin.addSelfManaged('prod', 'own', scaling(1, 5, 3))
  eks = new EKSClient(config())
})

afterEach(async () => {
  eks.destroy()
  await aws.close()
})

const update = (scalingConfig: object, clientRequestToken?: string) =>
  eks.send(
    new UpdateNodegroupConfigCommand({ clusterName: 'prod', nodegroupName: 'a', scalingConfig, clientRequestToken }),
  )

describe('the AWS-shaped endpoint', () => {
  test('answers nobody who did not sign, signed for another region, or has no known key', async () => {
    expect((await fetch(`${aws.url}/clusters/prod/node-groups`)).status).toBe(403)
    const elsewhere = new EKSClient(config('us-east-1'))
    await expect(elsewhere.send(new ListNodegroupsCommand({ clusterName: 'prod' }))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    })
    const credentials = { accessKeyId: 'AKIDNOBODY', secretAccessKey: 'x' }
    const nobody = new EKSClient({ ...config(), credentials })
    await expect(nobody.send(new ListNodegroupsCommand({ clusterName: 'prod' }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    })
  })

  test('carries an update out later, takes none meanwhile, and knows a repeated one by its token', async () => {
    const first = await update(scaling(1, 5, 4), 'token')
    expect(first.update).toMatchObject({ status: 'InProgress', type: 'ConfigUpdate' })
    expect((await update(scaling(1, 5, 4), 'token')).update?.id).toBe(first.update?.id)
    await expect(update(scaling(1, 5, 5), 'other')).rejects.toMatchObject({ name: 'ResourceInUseException' })
    aws.settle()
    const id = first.update?.id ?? ''
    const { update: after } = await eks.send(
      new DescribeUpdateCommand({ name: 'prod', nodegroupName: 'a', updateId: id }),
    )
    expect(after?.status).toBe('Successful')
    expect(aws.state.clusters.get('prod')?.get('a')?.scaling).toEqual(scaling(1, 5, 4))
  })

  const wrong: readonly (readonly [string, object])[] = [
    ['a minimum above the maximum', { minSize: 6, maxSize: 5 }],
    ['a count below the minimum', { minSize: 4 }],
    ['a count above the maximum', { desiredSize: 6 }],
    ['room for no node', { minSize: 0, maxSize: 0, desiredSize: 0 }],
  ]
  for (const [name, size] of wrong) {
    test(`refuses ${name}`, async () => {
      await expect(update(size)).rejects.toMatchObject({ name: 'InvalidParameterException' })
    })
  }

  test('refuses an auto scaling group a count outside of its bounds, and moves the count with the bounds', async () => {
    const client = new AutoScalingClient(config())
    const name = 'eksctl-prod-nodegroup-own-NodeGroup'
    const send = (size: object) =>
      client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: name, ...size }))
    await expect(send({ DesiredCapacity: 9 })).rejects.toMatchObject({ name: 'ValidationError' })
    await expect(send({ MinSize: 6 })).rejects.toMatchObject({ name: 'ValidationError' })
    await send({ MinSize: 4 })
    expect(aws.state.groups.get(name)?.scaling).toEqual(scaling(4, 5, 4))
  })
})
