import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StatefulSet } from '../shared/types.ts'
import { hasKubectl, startTestCluster, type TestCluster } from '../testing.ts'

const ref = { group: 'apps', version: 'v1', kind: 'StatefulSet', namespace: 'default', name: 'db' }
const manifest = (replicas: number, image: string, more = '') => `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: ${replicas}
  serviceName: db
  selector: {matchLabels: {app: db}}
  ${more}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "${image}"}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`

describe.skipIf(!hasKubectl)('a StatefulSet', () => {
  let sandbox: TestCluster
  let log: string[] = []
  const stop = new AbortController()
  let watching: Promise<void>
  beforeAll(async () => {
    sandbox = await startTestCluster()
    watching = (async () => {
      const state = new Map<string, string>()
      const watch = sandbox.client.watch(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace: 'default', signal: stop.signal },
      )
      for await (const { type, object } of watch) {
        if (type === 'BOOKMARK') continue
        const { name = '' } = object.metadata
        const { conditions = [] } = (object['status'] ?? {}) as { conditions?: { type: string; status: string }[] }
        const ready = conditions.some(one => one.type === 'Ready' && one.status === 'True')
        const now = type === 'DELETED' ? 'gone' : object.metadata.deletionTimestamp ? 'going' : ready ? 'ready' : 'made'
        if (state.get(name) !== now && now !== 'going') log.push(`${name} ${now}`)
        state.set(name, now)
      }
    })().catch(() => undefined)
  })
  afterAll(async () => {
    stop.abort()
    await watching
    await sandbox?.close()
  })

  it('makes its pods in order, each after the one before is ready, with bound claims', async () => {
    await sandbox.apply(manifest(3, 'pg:1'))
    expect(await sandbox.kubectl('rollout', 'status', 'statefulset/db', '--timeout=10s')).toMatch(/complete/)
    await sandbox.current(ref)
    expect(log).toEqual(['db-0 made', 'db-0 ready', 'db-1 made', 'db-1 ready', 'db-2 made', 'db-2 ready'])
    expect(await sandbox.kubectl('get', 'pvc')).toMatch(/data-db-2\s+Bound\s+pvc-\S+\s+1Gi\s+RWO/)
    const { status } = (await sandbox.client.get(ref)) as StatefulSet
    expect(status).toMatchObject({
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      collisionCount: 0,
    })
    expect(status?.currentRevision).toBe(status?.updateRevision)
  })

  it('updates from the last pod to the first, and can go back', async () => {
    log = []
    await sandbox.kubectl('set', 'image', 'statefulset/db', 'db=pg:2')
    await expect.poll(() => log, { timeout: 10_000 }).toHaveLength(9)
    expect(log.filter(line => line.endsWith('made'))).toEqual(['db-2 made', 'db-1 made', 'db-0 made'])
    await sandbox.current(ref)
    expect(await sandbox.kubectl('rollout', 'history', 'statefulset/db')).toMatch(/\n1\s+<none>\n2\s+<none>/)
    await sandbox.kubectl('rollout', 'undo', 'statefulset/db')
    await expect
      .poll(() => sandbox.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[0].image}'), {
        timeout: 10_000,
      })
      .toBe('pg:1 pg:1 pg:1')
    await sandbox.current(ref)
    const { items } = await sandbox.client.list({ apiVersion: 'apps/v1', kind: 'ControllerRevision' })
    expect(items.map(one => one['revision']).sort()).toEqual([2, 3])
  })

  it('updates only the ordinals from the partition on', async () => {
    await sandbox.apply(manifest(3, 'pg:3', 'updateStrategy: {rollingUpdate: {partition: 2}}'))
    await sandbox.kubectl('rollout', 'status', 'statefulset/db', '--timeout=10s')
    expect(await sandbox.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[0].image}')).toBe(
      'pg:1 pg:1 pg:3',
    )
    await sandbox.apply(manifest(3, 'pg:3'))
    await sandbox.kubectl('rollout', 'status', 'statefulset/db', '--timeout=10s')
  })

  it('scales down from the end and keeps the claims', async () => {
    await sandbox.kubectl('rollout', 'status', 'statefulset/db', '--timeout=10s')
    await sandbox.current(ref)
    log = []
    await sandbox.kubectl('scale', 'statefulset/db', '--replicas=1')
    await expect.poll(() => log).toEqual(['db-2 gone', 'db-1 gone'])
    await sandbox.current(ref)
    expect((await sandbox.client.list({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' })).items).toHaveLength(3)
  })
})
