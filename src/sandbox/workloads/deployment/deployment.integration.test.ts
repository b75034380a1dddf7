import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../kube/object.ts'
import type { Deployment } from '../shared/types.ts'
import { hasKubectl, startTestCluster, type TestCluster } from '../testing.ts'

const ref = (name: string) => ({ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'default', name })
const manifest = (name: string, replicas: number, image = 'nginx:1', more = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  ${more}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: web, image: "${image}"}]}
`

describe.skipIf(!hasKubectl)('Deployments', () => {
  let sandbox: TestCluster
  beforeAll(async () => {
    sandbox = await startTestCluster()
  })
  afterAll(() => sandbox?.close())

  const deployment = async (name: string) => (await sandbox.client.get(ref(name))) as Deployment
  const pods = async (name: string) =>
    (
      await sandbox.client.list(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace: 'default', labelSelector: `app=${name}` },
      )
    ).items
  const images = async (name: string) =>
    (await pods(name)).map(
      pod => (pod as KubeObject & { spec: { containers: { image: string }[] } }).spec.containers[0]?.image,
    )

  it('come up, and kubectl and kstatus see it', async () => {
    await sandbox.apply(manifest('web', 3))
    expect(await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')).toMatch(
      /successfully rolled out/,
    )
    await sandbox.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=10s')
    await sandbox.current(ref('web'))
    const [set] = (await sandbox.client.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })).items
    await sandbox.current({ ...ref(set?.metadata.name ?? ''), kind: 'ReplicaSet' })
    expect(await sandbox.kubectl('get', 'deployment', 'web')).toMatch(/web\s+3\/3\s+3\s+3/)
    expect(await sandbox.kubectl('get', 'pods', '-l', 'app=web')).toMatch(/1\/1\s+Running\s+0/)
    const { status, metadata } = await deployment('web')
    expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1')
    expect(status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: expect.stringMatching(/^ReplicaSet "web-\w+" has successfully progressed\.$/),
        },
      ],
    })
  })

  it('roll to a new image, keep a history, and roll back to the same ReplicaSet', async () => {
    await sandbox.kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=first')
    await sandbox.kubectl('set', 'image', 'deployment/web', 'web=nginx:2')
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    await sandbox.kubectl('annotate', 'deployment/web', 'kubernetes.io/change-cause=second')
    expect(await images('web')).toEqual(['nginx:2', 'nginx:2', 'nginx:2'])
    await expect.poll(() => sandbox.kubectl('rollout', 'history', 'deployment/web')).toMatch(/1\s+first\n2\s+second/)
    await sandbox.kubectl('rollout', 'undo', 'deployment/web')
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    expect(await images('web')).toEqual(['nginx:1', 'nginx:1', 'nginx:1'])
    const { items } = await sandbox.client.list(
      { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
      { labelSelector: 'app=web' },
    )
    expect(items).toHaveLength(2)
    expect(await sandbox.kubectl('rollout', 'history', 'deployment/web')).toMatch(/2\s+second\n3\s+first/)
    expect((await deployment('web')).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
  })

  it('restart and scale', async () => {
    const before = (await pods('web')).map(pod => pod.metadata.name)
    await sandbox.kubectl('rollout', 'restart', 'deployment/web')
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    const after = (await pods('web')).map(pod => pod.metadata.name)
    expect(after.filter(name => before.includes(name))).toEqual([])
    await sandbox.kubectl('scale', 'deployment/web', '--replicas=5')
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    expect(await pods('web')).toHaveLength(5)
    await sandbox.kubectl('scale', 'deployment/web', '--replicas=0')
    await sandbox.current(ref('web'))
    await expect.poll(() => pods('web')).toEqual([])
  })

  it('change nothing while paused, and go on when resumed', async () => {
    await sandbox.apply(manifest('calm', 2))
    await sandbox.kubectl('rollout', 'status', 'deployment/calm', '--timeout=10s')
    await sandbox.kubectl('rollout', 'pause', 'deployment/calm')
    await sandbox.kubectl('set', 'image', 'deployment/calm', 'web=nginx:2')
    await expect
      .poll(async () => (await deployment('calm')).status?.conditions?.at(-1)?.reason)
      .toBe('DeploymentPaused')
    expect(await images('calm')).toEqual(['nginx:1', 'nginx:1'])
    await sandbox.kubectl('rollout', 'resume', 'deployment/calm')
    await sandbox.kubectl('rollout', 'status', 'deployment/calm', '--timeout=10s')
    expect(await images('calm')).toEqual(['nginx:2', 'nginx:2'])
  })

  it('never have more or fewer pods in a rolling update than the strategy allows', async () => {
    const seen: { all: number; ready: number }[] = []
    await sandbox.apply(manifest('roll', 4, 'nginx:1', 'strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 1}}'))
    await sandbox.kubectl('rollout', 'status', 'deployment/roll', '--timeout=10s')
    const stop = new AbortController()
    const watching = (async () => {
      const live = new Map<string, boolean>()
      for await (const { type, object } of sandbox.client.watch(
        { apiVersion: 'v1', kind: 'Pod' },
        { labelSelector: 'app=roll', signal: stop.signal },
      )) {
        if (type === 'BOOKMARK') continue
        const { conditions = [] } = object['status'] as { conditions?: { type: string; status: string }[] }
        if (type === 'DELETED' || object.metadata.deletionTimestamp) live.delete(object.metadata.name ?? '')
        else
          live.set(
            object.metadata.name ?? '',
            conditions.some(one => one.type === 'Ready' && one.status === 'True'),
          )
        seen.push({ all: live.size, ready: [...live.values()].filter(Boolean).length })
      }
    })().catch(() => undefined)
    await expect.poll(() => seen.at(-1)?.ready).toBe(4)
    seen.length = 0
    await sandbox.kubectl('set', 'image', 'deployment/roll', 'web=nginx:2')
    await sandbox.kubectl('rollout', 'status', 'deployment/roll', '--timeout=10s')
    stop.abort()
    await watching
    expect(Math.max(...seen.map(one => one.all))).toBe(5)
    expect(Math.min(...seen.map(one => one.ready))).toBeGreaterThanOrEqual(3)
    expect(await images('roll')).toEqual(Array(4).fill('nginx:2'))
  })

  it('with Recreate stop all old pods before the first new one', async () => {
    await sandbox.apply(manifest('anew', 2, 'nginx:1', 'strategy: {type: Recreate}'))
    await sandbox.kubectl('rollout', 'status', 'deployment/anew', '--timeout=10s')
    await sandbox.kubectl('set', 'image', 'deployment/anew', 'web=nginx:2')
    await sandbox.kubectl('rollout', 'status', 'deployment/anew', '--timeout=10s')
    expect(await images('anew')).toEqual(['nginx:2', 'nginx:2'])
  })

  it('say that a rollout is stuck when an image cannot be pulled, and keep serving with the old pods', async () => {
    await sandbox.apply(manifest('stuck', 2, 'nginx:1', 'progressDeadlineSeconds: 1'))
    await sandbox.kubectl('rollout', 'status', 'deployment/stuck', '--timeout=10s')
    await sandbox.kubectl('set', 'image', 'deployment/stuck', 'web=nginx:2-imagepullbackoff')
    await expect(sandbox.kubectl('rollout', 'status', 'deployment/stuck', '--timeout=15s')).rejects.toThrow(
      /exceeded its progress deadline/,
    )
    expect(await sandbox.kubectl('get', 'pods', '-l', 'app=stuck')).toMatch(/0\/1\s+ImagePullBackOff/)
    expect((await deployment('stuck')).status).toMatchObject({ availableReplicas: 2 })
    await sandbox.kubectl('rollout', 'undo', 'deployment/stuck')
    await sandbox.kubectl('rollout', 'status', 'deployment/stuck', '--timeout=10s')
  })

  it('go with all that is theirs, and leave it when told so', async () => {
    await sandbox.kubectl('delete', 'deployment', 'calm', '--wait', '--timeout=10s')
    await expect.poll(() => pods('calm')).toEqual([])
    await sandbox.kubectl('delete', 'deployment', 'anew', '--cascade=orphan', '--timeout=10s')
    const left = (await pods('anew')).map(pod => pod.metadata.uid).sort()
    expect(left).toHaveLength(2)
    await sandbox.apply(manifest('anew', 2, 'nginx:2', 'strategy: {type: Recreate}'))
    await sandbox.kubectl('rollout', 'status', 'deployment/anew', '--timeout=10s')
    expect((await pods('anew')).map(pod => pod.metadata.uid).sort()).toEqual(left)
  })
})
