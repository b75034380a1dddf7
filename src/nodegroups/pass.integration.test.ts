import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SandboxAws, startAws } from '../sandbox/aws/index.ts'
import { readClusterConfig } from '../specs/index.ts'
import { AwsClients } from './aws/clients.ts'
import { type PassResult, runPass } from './pass.ts'
import type { GroupStatus } from './plan-group.ts'
import type { GroupPolicy } from './policy.ts'

const policy: GroupPolicy = { missing: 'Report', extra: 'Report', autoscaled: [], dryRun: false }
const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

let aws: SandboxAws
let clients: AwsClients
let groups: readonly GroupStatus[]

beforeEach(async () => {
  aws = await startAws({ pageSize: 2 })
  aws.admin.addCluster('prod')
  groups = []
  clients = clientsOf()
})

afterEach(async () => {
  await clients.close()
  await aws.close()
})

function clientsOf(maxAttempts = 1, accessKeyId = 'AKIDSANDBOX'): AwsClients {
  const credentials = { accessKeyId, secretAccessKey: 'sandbox' }
  return new AwsClients({ endpoint: aws.url, region: aws.region, credentials, maxAttempts })
}

function configOf(body: string) {
  const text = `apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-north-1}\n${body}`
  const { found, problems } = readClusterConfig({ path: 'c.yaml', text })
  expect(problems).toEqual([])
  return found!.config
}

async function pass(body: string, changes: Partial<GroupPolicy> = {}, more: object = {}): Promise<PassResult> {
  const signal = AbortSignal.timeout(20_000)
  const result = await runPass({
    aws: clients,
    config: configOf(body),
    policy: { ...policy, ...changes },
    previous: groups,
    signal,
    ...more,
  })
  groups = result.groups
  return result
}

const states = (result: PassResult) => result.groups.map(group => `${group.name} ${group.state}`)
const sent = (action: string) => aws.calls.filter(call => call.action === action)
const writes = () => aws.calls.filter(call => /:(Update|Create|Delete)/.test(call.action) && call.status === 200)

describe('a pass over node groups', () => {
  test('asks EKS for a size once, waits for it, and then agrees', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 3))
    const file = 'managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 4}]'
    const first = await pass(file)
    expect(first.groups).toMatchObject([
      { name: 'a', state: 'Updating', drift: 'desired 3 → 4', live: { desired: 3 }, nodes: 3 },
    ])
    expect(first.pending).toBe(true)
    expect(JSON.parse(sent('eks:UpdateNodegroupConfig')[0]!.body).scalingConfig).toEqual(scaling(1, 5, 4))
    expect(states(await pass(file))).toEqual(['a Updating'])
    aws.settle()
    const last = await pass(file)
    expect(last.groups).toMatchObject([{ state: 'InSync', live: { min: 1, max: 5, desired: 4 }, nodes: 4 }])
    expect(last.pending).toBe(false)
    expect(writes()).toHaveLength(1)
  })

  test('leaves the autoscaler’s count alone and sends bounds only', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 4))
    await pass('managedNodeGroups: [{name: a, minSize: 2, maxSize: 6}]')
    expect(JSON.parse(sent('eks:UpdateNodegroupConfig')[0]!.body).scalingConfig).toEqual({ minSize: 2, maxSize: 6 })
  })

  test('does so for a group with the autoscaler’s tag, or that the policy names, though the file has a count', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 4))
    aws.admin.addManaged('prod', 'b', scaling(1, 5, 4))
    const sizes = 'minSize: 1, maxSize: 5, desiredCapacity: 2'
    const tag = 'tags: {k8s.io/cluster-autoscaler/enabled: "true"}'
    const file = `managedNodeGroups: [{name: a, ${sizes}, ${tag}}, {name: b, ${sizes}}]`
    expect(states(await pass(file, { autoscaled: ['b'] }))).toEqual(['a InSync', 'b InSync'])
    expect(writes()).toEqual([])
  })

  test('sizes a self-managed group through its auto scaling group, and finds it over pages of stacks', async () => {
    for (const name of ['x1', 'x2', 'x3']) aws.admin.addSelfManaged('other', name, scaling(1, 1, 1))
    aws.admin.addSelfManaged('prod', 'own', scaling(1, 5, 3))
    const file = 'nodeGroups: [{name: own, minSize: 2, maxSize: 5, desiredCapacity: 4}]'
    expect(states(await pass(file))).toEqual(['own Updating'])
    expect(states(await pass(file))).toEqual(['own InSync'])
    expect(new URLSearchParams(sent('autoscaling:UpdateAutoScalingGroup')[0]!.body).get('DesiredCapacity')).toBe('4')
  })

  test('does not grow a self-managed group whose image is gone', async () => {
    aws.admin.addSelfManaged('prod', 'own', scaling(1, 5, 3))
    aws.admin.removeImage('prod', 'own')
    const { groups } = await pass('nodeGroups: [{name: own, minSize: 1, maxSize: 5, desiredCapacity: 4}]')
    expect(groups[0]).toMatchObject({ state: 'Failed', message: expect.stringContaining('its image ami-own is gone') })
    expect(writes()).toEqual([])
  })

  test('still shrinks it', async () => {
    aws.admin.addSelfManaged('prod', 'own', scaling(1, 5, 3))
    aws.admin.removeImage('prod', 'own')
    await pass('nodeGroups: [{name: own, minSize: 1, maxSize: 5, desiredCapacity: 2}]')
    expect(writes()).toHaveLength(1)
  })

  test('reads all pages of groups', async () => {
    const names = Array.from({ length: 120 }, (_, i) => `g${String(i).padStart(3, '0')}`)
    for (const name of names) aws.admin.addManaged('prod', name, scaling(2, 2, 2))
    const file = `managedNodeGroups: [${names.map(name => `{name: ${name}}`).join(', ')}]`
    const { groups } = await pass(file)
    expect(groups.filter(group => group.state === 'InSync')).toHaveLength(120)
    expect(sent('eks:ListNodegroups')).toHaveLength(2)
  })

  test('reports what is missing and what is extra, and touches neither', async () => {
    aws.admin.addManaged('prod', 'extra', scaling(1, 1, 1))
    const { groups } = await pass('managedNodeGroups: [{name: gone}]')
    expect(groups).toMatchObject([
      { name: 'gone', state: 'Missing', message: expect.stringContaining('eksctl create nodegroup') },
      { name: 'extra', state: 'Extra', live: { min: 1 } },
    ])
    expect(writes()).toEqual([])
  })

  test('creates on opt-in only what EKS can make just as eksctl does, once', async () => {
    const full =
      '{name: full, minSize: 1, maxSize: 3, instanceType: m5.large, iam: {instanceRoleARN: "arn:aws:iam::1:role/n"}, launchTemplate: {id: lt-1, version: "3"}, subnets: [subnet-1], labels: {a: b}, taints: [{key: k, effect: NoSchedule}]}'
    const file = `managedNodeGroups: [${full}, {name: plain, volumeSize: 20}]\nnodeGroups: [{name: own}]`
    const { groups } = await pass(file, { missing: 'Create' })
    expect(groups).toMatchObject([
      { name: 'full', state: 'Creating' },
      { name: 'plain', state: 'Refused', message: expect.stringContaining('volumeSize: made by eksctl') },
      { name: 'own', state: 'Refused', message: expect.stringContaining('self-managed groups need') },
    ])
    expect(JSON.parse(sent('eks:CreateNodegroup')[0]!.body)).toMatchObject({
      nodegroupName: 'full',
      scalingConfig: scaling(1, 3, 1),
      taints: [{ key: 'k', effect: 'NO_SCHEDULE' }],
      labels: { a: 'b', 'alpha.eksctl.io/nodegroup-name': 'full' },
    })
    expect(states(await pass(file, { missing: 'Create' }))[0]).toBe('full Creating')
    aws.settle()
    expect(states(await pass(file, { missing: 'Create' }))[0]).toBe('full InSync')
    expect(writes()).toHaveLength(1)
  })

  test('deletes on opt-in, through the stack where eksctl made one, never a self-managed group, never all', async () => {
    aws.admin.addManaged('prod', 'kept', scaling(2, 2, 2))
    aws.admin.addManaged('prod', 'bare', scaling(1, 1, 1))
    aws.admin.addManaged('prod', 'stacked', scaling(1, 1, 1), { stack: true })
    aws.admin.addSelfManaged('prod', 'own', scaling(1, 1, 1))
    const empty = await pass('', { extra: 'Delete' })
    expect(empty.groups.map(group => group.state)).toEqual(['Refused', 'Refused', 'Refused', 'Refused'])
    expect(writes()).toEqual([])
    const { groups } = await pass('managedNodeGroups: [{name: kept}]', { extra: 'Delete' })
    expect(groups.map(group => `${group.name} ${group.state}`).sort()).toEqual([
      'bare Deleting',
      'kept InSync',
      'own Refused',
      'stacked Deleting',
    ])
    expect(writes().map(call => call.action)).toEqual(
      expect.arrayContaining(['eks:DeleteNodegroup', 'cloudformation:DeleteStack']),
    )
    aws.settle()
    const after = await pass('managedNodeGroups: [{name: kept}]', { extra: 'Delete' })
    expect(states(after)).toEqual(['kept InSync', 'own Refused'])
  })

  test('changes nothing in a dry run, and says what differs', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 3))
    const { groups } = await pass('managedNodeGroups: [{name: a, desiredCapacity: 4}]', { dryRun: true })
    expect(groups).toMatchObject([{ state: 'Drifted', drift: 'min 1 → 4, max 5 → 4, desired 3 → 4' }])
    expect(writes()).toEqual([])
  })

  test('refuses a group of one kind in Git and another in AWS', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 3))
    expect(states(await pass('nodeGroups: [{name: a}]'))).toEqual(['a Refused'])
  })

  test('says why an update of EKS failed, and does not hammer', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 3))
    aws.admin.failNextUpdate('AsgInstanceLaunchFailures', 'no capacity')
    const file = 'managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 4}]'
    await pass(file)
    aws.settle()
    const { groups } = await pass(file)
    expect(groups[0]).toMatchObject({
      state: 'Failed',
      message: 'the update of EKS ended as Failed: AsgInstanceLaunchFailures: no capacity',
    })
    expect(states(await pass(file, {}, { retryFailed: false }))).toEqual(['a Failed'])
    expect(writes()).toHaveLength(1)
    expect(states(await pass(file, {}, { retryFailed: true }))).toEqual(['a Updating'])
    expect(writes()).toHaveLength(2)
  })

  test('corrects the same drift again: the second time is a new update', async () => {
    aws.admin.addManaged('prod', 'a', scaling(1, 5, 4))
    const file = 'managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 4}]'
    for (let round = 1; round <= 2; round++) {
      await new Promise(resolve => setTimeout(resolve, 5))
      aws.admin.setScaling('prod', 'a', scaling(1, 5, 2))
      expect(states(await pass(file))).toEqual(['a Updating'])
      aws.settle()
      expect((await pass(file)).groups[0]).toMatchObject({ state: 'InSync', live: { desired: 4 } })
      expect(aws.state.clusters.get('prod')?.get('a')?.updates).toHaveLength(round)
    }
  })
})

describe('when AWS misbehaves', () => {
  const file = 'managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 4}]'
  const update = 'eks:UpdateNodegroupConfig'
  beforeEach(() => aws.admin.addManaged('prod', 'a', scaling(1, 5, 3)))

  test('a busy group waits and is asked again', async () => {
    aws.misbehave({ kind: 'resource-in-use', action: update })
    const first = await pass(file)
    expect(first.groups[0]).toMatchObject({ state: 'Waiting' })
    expect(first.error).toMatchObject({ code: 'E_AWS_BUSY' })
    expect(states(await pass(file))).toEqual(['a Updating'])
  })

  test('a call whose answer was lost makes no second update', async () => {
    aws.misbehave({ kind: 'lost-answer', action: update })
    expect((await pass(file)).groups[0]).toMatchObject({ state: 'Failed' })
    expect(states(await pass(file))).toEqual(['a Updating'])
    aws.settle()
    expect(states(await pass(file))).toEqual(['a InSync'])
    expect(aws.state.clusters.get('prod')?.get('a')?.updates).toHaveLength(1)
  })

  test('the client’s own retry of a lost answer makes none either', async () => {
    await clients.close()
    clients = clientsOf(3)
    aws.misbehave({ kind: 'lost-answer', action: update })
    expect(states(await pass(file))).toEqual(['a Updating'])
    expect(sent(update)).toHaveLength(2)
    expect(aws.state.clusters.get('prod')?.get('a')?.updates).toHaveLength(1)
  })

  test('throttling is waited out by the client', async () => {
    await clients.close()
    clients = clientsOf(4)
    aws.misbehave({ kind: 'throttle', action: 'eks:DescribeNodegroup', times: 2 })
    expect(states(await pass(file))).toEqual(['a Updating'])
  })

  const whole = [
    ['throttle', 'E_AWS_THROTTLED', true],
    ['access-denied', 'E_AWS_DENIED', false],
    ['expired-token', 'E_AWS_CREDENTIALS', false],
    ['server-error', 'E_AWS_UNREACHABLE', true],
    ['drop', 'E_AWS_UNREACHABLE', true],
  ] as const
  for (const [kind, code, retryable] of whole) {
    test(`${kind} while reading ends the pass with ${code}, in EKS and in CloudFormation`, async () => {
      for (const action of ['eks:ListNodegroups', 'cloudformation:ListStacks']) {
        aws.misbehave({ kind, action })
        await expect(pass(file), action).rejects.toMatchObject({ code, retryable })
      }
      expect(writes()).toEqual([])
    })

    test(`${kind} while one group is sized leaves the others to be sized`, async () => {
      aws.admin.addManaged('prod', 'b', scaling(1, 5, 3))
      aws.misbehave({ kind, action: update })
      const { groups } = await pass(file.replace(']', ', {name: b, minSize: 1, maxSize: 5, desiredCapacity: 4}]'))
      const [a, b] = groups.map(group => group.state)
      expect([a, b].sort()).toEqual([
        kind === 'throttle' ? 'Updating' : 'Failed',
        kind === 'throttle' ? 'Waiting' : 'Updating',
      ])
    })
  }

  test('a missing right is named, with where the policy stands', async () => {
    aws.misbehave({ kind: 'access-denied', action: update })
    const { groups } = await pass(file)
    expect(groups[0]?.message).toContain('(eks:UpdateNodegroupConfig): AWS does not allow this call')
    expect(groups[0]?.message).toContain('Allow eks:UpdateNodegroupConfig to the identity')
  })

  test('a cluster that is not there is said', async () => {
    aws.state.clusters.clear()
    await expect(pass(file)).rejects.toMatchObject({ code: 'E_AWS_NOT_FOUND' })
  })

  test('an unknown key is said to be no credential', async () => {
    await clients.close()
    clients = clientsOf(1, 'AKIDOTHER')
    await expect(pass(file)).rejects.toMatchObject({ code: 'E_AWS_CREDENTIALS' })
  })

  test('a slow answer ends with the signal', async () => {
    aws.misbehave({ kind: 'slow', action: 'eks:ListNodegroups', delayMs: 10_000 })
    await expect(pass(file, {}, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
  })

  test('nothing is read or written without credentials', async () => {
    const saved = { ...process.env }
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true'
    process.env['HOME'] = '/nonexistent'
    await clients.close()
    clients = new AwsClients({ endpoint: aws.url, region: aws.region, maxAttempts: 1 })
    try {
      await expect(pass(file)).rejects.toMatchObject({ code: 'E_AWS_CREDENTIALS' })
      expect(aws.calls).toEqual([])
    } finally {
      process.env = saved
    }
  })
})
