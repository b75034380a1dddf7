import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../shared/types.ts'
import { hasKubectl, startTestCluster, type TestCluster } from '../testing.ts'
import { MovableClock } from '../testing-clock.ts'

const ref = (name: string) => ({ group: 'batch', version: 'v1', kind: 'Job', namespace: 'default', name })
const manifest = (name: string, image: string, spec = '', policy = 'Never') => `
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  ${spec}
  template:
    spec: {restartPolicy: ${policy}, containers: [{name: work, image: "${image}"}]}
`

describe.skipIf(!hasKubectl)('Jobs', () => {
  let sandbox: TestCluster
  const clock = new MovableClock()
  beforeAll(async () => {
    sandbox = await startTestCluster({ clock })
  })
  afterAll(() => sandbox?.close())
  const job = async (name: string) => (await sandbox.client.get(ref(name))) as Job
  const podsOf = async (name: string) =>
    (await sandbox.client.list({ apiVersion: 'v1', kind: 'Pod' }, { labelSelector: `job-name=${name}` })).items

  it('complete, and no more pods run at once than they allow', async () => {
    await sandbox.apply(manifest('sum', 'busybox', 'completions: 5\n  parallelism: 2'))
    expect(await sandbox.kubectl('wait', '--for=condition=Complete', 'job/sum', '--timeout=10s')).toMatch(
      /condition met/,
    )
    await sandbox.current(ref('sum'))
    expect(await sandbox.kubectl('get', 'job', 'sum')).toMatch(/sum\s+Complete\s+5\/5/)
    expect(await podsOf('sum')).toHaveLength(5)
    const { status } = await job('sum')
    expect(status).toMatchObject({
      succeeded: 5,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
      completionTime: expect.any(String),
    })
    expect(status?.conditions?.map(one => `${one.type} ${one.reason}`)).toEqual([
      'SuccessCriteriaMet CompletionsReached',
      'Complete CompletionsReached',
    ])
    expect((await podsOf('sum')).flatMap(pod => pod.metadata.finalizers ?? [])).toEqual([])
  })

  it('fail when more pods have failed than the limit allows, with growing pauses between them', async () => {
    await sandbox.apply(manifest('bad', 'busybox:exit-3', 'backoffLimit: 1'))
    await expect.poll(async () => (await job('bad')).status?.failed).toBe(1)
    expect(await podsOf('bad')).toHaveLength(1)
    clock.advance(11_000)
    await sandbox.kubectl('wait', '--for=condition=Failed', 'job/bad', '--timeout=10s')
    expect((await job('bad')).status).toMatchObject({ failed: 2 })
    expect((await job('bad')).status?.conditions?.at(-1)).toMatchObject({ reason: 'BackoffLimitExceeded' })
    expect(await sandbox.kubectl('get', 'pods', '-l', 'job-name=bad')).toMatch(/0\/1\s+Error/)
  })

  it('of the Indexed kind give each index one success', async () => {
    await sandbox.apply(manifest('parts', 'busybox', 'completions: 3\n  parallelism: 3\n  completionMode: Indexed'))
    await sandbox.kubectl('wait', '--for=condition=Complete', 'job/parts', '--timeout=10s')
    expect((await job('parts')).status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' })
  })

  it('stop while suspended and go on when resumed', async () => {
    await sandbox.apply(manifest('later', 'busybox', 'suspend: true'))
    await expect.poll(async () => (await job('later')).status?.conditions?.[0]?.reason).toBe('JobSuspended')
    expect(await podsOf('later')).toEqual([])
    await sandbox.kubectl('patch', 'job', 'later', '--type=merge', '-p', '{"spec":{"suspend":false}}')
    await sandbox.kubectl('wait', '--for=condition=Complete', 'job/later', '--timeout=10s')
  })

  it('go when their time to live is over', async () => {
    await sandbox.apply(manifest('brief', 'busybox', 'ttlSecondsAfterFinished: 100'))
    await sandbox.kubectl('wait', '--for=condition=Complete', 'job/brief', '--timeout=10s')
    clock.advance(101_000)
    await sandbox.kubectl('wait', '--for=delete', 'job/brief', '--timeout=10s')
    await expect.poll(() => podsOf('brief')).toEqual([])
  })

  it('go with pods that still run', async () => {
    await sandbox.apply(manifest('long', 'busybox:slow-9m'))
    await expect.poll(async () => (await job('long')).status?.active).toBe(1)
    await sandbox.kubectl('delete', 'job', 'long', '--timeout=10s')
    await expect.poll(() => podsOf('long')).toEqual([])
  })
})

describe.skipIf(!hasKubectl)('CronJobs', () => {
  let sandbox: TestCluster
  const clock = new MovableClock()
  beforeAll(async () => {
    sandbox = await startTestCluster({ clock })
  })
  afterAll(() => sandbox?.close())
  const jobs = async () =>
    (await sandbox.client.list({ apiVersion: 'batch/v1', kind: 'Job' }, { namespace: 'default' })).items as Job[]

  it('make a job each time that is due, once, and keep as many as their history allows', async () => {
    await sandbox.kubectl('create', 'cronjob', 'tick', '--image=busybox', '--schedule=*/5 * * * *')
    expect(await jobs()).toEqual([])
    for (let i = 1; i <= 4; i++) {
      clock.advance(300_000)
      await expect
        .poll(async () => (await jobs()).filter(one => one.status?.succeeded).length, { timeout: 10_000 })
        .toBe(Math.min(i, 3))
    }
    await expect.poll(async () => (await jobs()).length).toBe(3)
    const names = (await jobs()).map(one => Number(one.metadata.name?.replace('tick-', ''))).sort()
    expect(names.every(minutes => minutes % 5 === 0)).toBe(true)
    const shown = await sandbox.kubectl(
      'get',
      'cronjob',
      'tick',
      '-o',
      'jsonpath={.status.lastScheduleTime} {.status.lastSuccessfulTime}',
    )
    expect(shown).toMatch(/^\S+:[0-5][05]:00Z \S+Z$/)
    await sandbox.current({ group: 'batch', version: 'v1', kind: 'CronJob', namespace: 'default', name: 'tick' })
  })

  it('make only the latest of many that were missed, and none while suspended', async () => {
    await sandbox.kubectl('patch', 'cronjob', 'tick', '-p', '{"spec":{"suspend":true}}')
    clock.advance(86_400_000)
    const before = new Set((await jobs()).map(one => one.metadata.name))
    await sandbox.kubectl('patch', 'cronjob', 'tick', '-p', '{"spec":{"suspend":false}}')
    await expect.poll(async () => (await jobs()).filter(one => !before.has(one.metadata.name)).length).toBe(1)
    await sandbox.kubectl('create', 'job', 'now', '--from=cronjob/tick')
    await sandbox.kubectl('wait', '--for=condition=Complete', 'job/now', '--timeout=10s')
  })
})
