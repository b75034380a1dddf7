import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SandboxAws, startAws } from '../sandbox/aws/index.ts'
import { readClusterConfig } from '../specs/index.ts'
import { awsActions } from './aws/actions.ts'
import { AwsClients } from './aws/clients.ts'
import { runPass } from './pass.ts'
import type { GroupStatus } from './plan-group.ts'

const guide = readFileSync(new URL('../../docs/guides/eksctl.md', import.meta.url), 'utf8')
const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

interface Statement {
  readonly Sid: string
  readonly Action: readonly string[]
}

const policy = JSON.parse(/```json\n(.*?)```/s.exec(guide)?.[1] ?? '{}') as { Statement: readonly Statement[] }
const actionsOf = (...sids: string[]) =>
  policy.Statement.filter(one => sids.includes(one.Sid)).flatMap(one => [...one.Action])

const head = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-north-1}\n'
const made =
  '{name: made, iam: {instanceRoleARN: "arn:aws:iam::1:role/n"}, launchTemplate: {id: lt-1}, subnets: [subnet-1]}'
const file = `${head}managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 4}, ${made}]
nodeGroups: [{name: own, minSize: 1, maxSize: 5, desiredCapacity: 4}]`

describe('the IAM policy of the guide', () => {
  let aws: SandboxAws
  let clients: AwsClients
  let groups: readonly GroupStatus[] = []
  beforeEach(async () => {
    aws = await startAws()
    aws.admin.addCluster('prod')
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 3))
    aws.admin.addManaged('prod', 'bare', scaling(1, 5, 3))
    aws.admin.addManaged('prod', 'stacked', scaling(1, 5, 3), { stack: true })
    aws.admin.addSelfManaged('prod', 'own', scaling(1, 5, 3))
    clients = new AwsClients({
      endpoint: aws.url,
      region: aws.region,
      credentials: { accessKeyId: 'AKIDLEAST', secretAccessKey: 'x' },
      maxAttempts: 1,
    })
    groups = []
  })
  afterEach(async () => {
    await clients.close()
    await aws.close()
  })

  const pass = async (missing: 'Report' | 'Create', extra: 'Report' | 'Delete') => {
    const { found, problems } = readClusterConfig({ path: 'c.yaml', text: file })
    expect(problems).toEqual([])
    const result = await runPass({
      aws: clients,
      config: found!.config,
      policy: { missing, extra, autoscaled: [], dryRun: false },
      previous: groups,
      signal: AbortSignal.timeout(20_000),
    })
    groups = result.groups
    return result.groups.filter(group => group.state === 'Failed')
  }
  const called = () => new Set(aws.calls.map(call => call.action))

  test('is the list in the code', () => {
    expect(actionsOf('Follow')).toEqual(awsActions.follow)
    expect(actionsOf('Create')).toEqual(awsActions.create)
    expect(actionsOf('Delete')).toEqual(awsActions.delete)
  })

  test('is enough to follow sizes, and every action of it is called', async () => {
    aws.callers.add({ accessKeyId: 'AKIDLEAST', user: 'least', allow: actionsOf('Follow') })
    aws.admin.failNextUpdate('X', 'x')
    expect(await pass('Report', 'Report')).toEqual([])
    aws.settle()
    // The update that EKS ended as failed is looked up.
    expect(await pass('Report', 'Report')).toMatchObject([{ name: 'a' }])
    expect([...called()].sort()).toEqual([...actionsOf('Follow')].sort())
    expect(aws.calls.filter(call => call.status === 403)).toEqual([])
  })

  test('is enough to create and to delete on opt-in', async () => {
    aws.callers.add({ accessKeyId: 'AKIDLEAST', user: 'least', allow: actionsOf('Follow', 'Create', 'Delete') })
    expect(await pass('Create', 'Delete')).toEqual([])
    expect(called()).toContain('eks:CreateNodegroup')
    for (const action of actionsOf('Delete')) expect(called()).toContain(action)
    const beyondAws = ['eks:TagResource', 'iam:PassRole']
    for (const action of called()) expect(actionsOf('Follow', 'Create', 'Delete')).toContain(action)
    for (const action of actionsOf('Create')) expect(called().has(action) || beyondAws.includes(action)).toBe(true)
  })

  test.each(awsActions.follow.filter(action => action !== 'eks:DescribeUpdate'))(
    'names %s when it alone is missing',
    async action => {
      const allow = actionsOf('Follow').filter(one => one !== action)
      aws.callers.add({ accessKeyId: 'AKIDLEAST', user: 'least', allow })
      const said = await pass('Report', 'Report').then(
        failed => failed.map(group => group.message).join(),
        (error: Error) => error.message,
      )
      expect(said).toContain(`(${action})`)
      expect(said).toContain('AWS does not allow this call')
    },
  )
})
