import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SandboxAws, startAws } from '../sandbox/aws/index.ts'
import { AwsClients } from './aws/clients.ts'
import { PassWorld, statesOf as states } from './testing/pass-world.ts'

const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

let aws: SandboxAws
let world: PassWorld

beforeEach(async () => {
  aws = await startAws({ pageSize: 2 })
  aws.admin.addCluster('prod')
  world = new PassWorld(aws)
})

afterEach(async () => {
  await world.clients.close()
  await aws.close()
})

const pass: PassWorld['pass'] = (...args) => world.pass(...args)
const sent = (action: string) => aws.calls.filter(call => call.action === action)
const writes = () => aws.calls.filter(call => /:(Update|Create|Delete)/.test(call.action) && call.status === 200)

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

  test('a read that lags behind makes no second update', async () => {
    expect(states(await pass(file))).toEqual(['a Updating'])
    aws.misbehave({ kind: 'stale', action: 'eks:DescribeNodegroup' })
    world.groups = []
    expect(states(await pass(file))).toEqual(['a Updating'])
    expect(sent(update)).toHaveLength(2)
    expect(sent(update).map(call => call.status)).toEqual([200, 200])
    expect(aws.state.clusters.get('prod')?.get('a')?.updates).toHaveLength(1)
  })

  test('the client’s own retry of a lost answer makes none either', async () => {
    await world.reconnect(3)
    aws.misbehave({ kind: 'lost-answer', action: update })
    expect(states(await pass(file))).toEqual(['a Updating'])
    expect(sent(update)).toHaveLength(2)
    expect(aws.state.clusters.get('prod')?.get('a')?.updates).toHaveLength(1)
  })

  test('throttling is waited out by the client', async () => {
    await world.reconnect(4)
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
      for (const action of ['eks:ListNodegroups', 'cloudformation:DescribeStacks']) {
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
    await world.reconnect(1, 'AKIDOTHER')
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
    await world.clients.close()
    world.clients = new AwsClients({ endpoint: aws.url, region: aws.region, maxAttempts: 1 })
    try {
      await expect(pass(file)).rejects.toMatchObject({ code: 'E_AWS_CREDENTIALS' })
      expect(aws.calls).toEqual([])
    } finally {
      process.env = saved
    }
  })
})
