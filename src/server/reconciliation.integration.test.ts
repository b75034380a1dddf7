import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { configMap, World } from '../engine/testing/world.ts'
import { refKey } from '../kube/identity.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { startCluster } from '../sandbox/index.ts'
import { startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'
import { countWatches, type WatchingClient } from './testing/watching-client.ts'

// A real cluster, Git host and engine below a real server.
let world: World
let test: TestServer
let admin: TestPerson
let watching: WatchingClient

const label = (project: string, environment: string) => ({
  labels: { 'apps.sluice.dev/project': project, 'apps.sluice.dev/environment': environment },
})
const idOf = (group: string, kind: string, name: string, namespace = 'apps') =>
  Buffer.from(refKey({ group, kind, namespace, name })).toString('base64url')
const ks = (name: string) => idOf('kustomize.toolkit.fluxcd.io', 'Kustomization', name)
const path = (id: string, rest = '') => `/api/v1/reconciliation/objects/${id}${rest}`

const deployment = (name: string, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: apps
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - name: main
          image: ${image}
`

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers
type Any = any

/** Asks again until the answer is as it shall be: watches are a moment behind. */
async function until(who: TestPerson, address: string, isSo: (body: Any) => unknown) {
  for (const end = Date.now() + 15_000; ; ) {
    const { body } = await who.call('GET', address)
    if (body !== undefined && isSo(body)) return body
    if (Date.now() > end) throw new Error(`${address}: ${JSON.stringify(body).slice(0, 2000)}`)
    await new Promise(done => setTimeout(done, 50))
  }
}

beforeAll(async () => {
  world = await World.open(
    { startCluster, startForge },
    {
      'shop/map.yaml': configMap('shop', { colour: 'blue' }),
      'shop/secret.yaml': JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'shop', namespace: 'apps' },
        stringData: { password: 'hunter2-canary' },
      }),
      'vault/web.yaml': deployment('web', 'nginx:1.29-imagepullbackoff'),
    },
  )
  await world.start()
  await world.source()
  await world.kustomization('shop', {}, label('shop', 'production'))
  await world.kustomization('vault', { wait: true, timeout: '1s' }, label('bank', 'staging'))
  await world.ready('shop')
  watching = countWatches(world.client)
  test = await startTestServer({ client: watching.client })
  admin = test.administrator
})
afterAll(async () => {
  await test?.close()
  await world.close()
})

describe('reconciliation', () => {
  it('shows Flux objects and what they applied, what needs somebody first', async () => {
    const body = await until(
      admin,
      '/api/v1/reconciliation',
      view => view.rows[0]?.word === 'HealthCheckFailed' && view.rows.some((row: Any) => row.counts?.agreed === 2),
    )
    expect(body.cluster).toBe('watching')
    expect(body.rows[0]).toMatchObject({ state: 'broken', word: 'HealthCheckFailed', project: 'bank' })
    expect(body.rows.map((row: Any) => row.kind)).toContain('GitRepository')
    const { body: graph } = await admin.call('GET', '/api/v1/reconciliation/graph')
    const source = idOf('source.toolkit.fluxcd.io', 'GitRepository', 'fleet')
    expect(graph.edges).toContainEqual({ from: source, to: ks('shop'), kind: 'source' })
    expect(graph.edges).toContainEqual({ from: ks('shop'), to: idOf('', 'ConfigMap', 'shop'), kind: 'applied' })
  })

  it('shows what a client changed with the field, its manager and when; and Git puts it back', async () => {
    await admin.call('POST', path(ks('shop'), '/suspend'))
    await world.until('Kustomization', 'shop', one => (one?.['spec'] as Any)?.suspend === true)
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'shop' }
    // Times in managedFields are whole seconds.
    await new Promise(done => setTimeout(done, 1000))
    await world.client.patch(ref, 'merge', { data: { colour: 'red' } }, { fieldManager: 'kubectl-edit' })
    const map = idOf('', 'ConfigMap', 'shop')
    const { rows } = await until(admin, '/api/v1/reconciliation/objects?state=attention', view => view.total > 0)
    expect(rows[0]).toMatchObject({ name: 'shop', word: 'Changed', touched: { manager: 'kubectl-edit' } })
    const { body: diff } = await admin.call('GET', path(map, '/diff'))
    expect(diff.action).toBe('configure')
    expect(diff.drifts).toEqual([
      expect.objectContaining({ path: 'data.colour', cluster: '"red"', git: '"blue"', manager: 'kubectl-edit' }),
    ])
    await admin.call('POST', path(ks('shop'), '/resume'))
    const { body: job } = await admin.call('POST', path(ks('shop'), '/reconcile'), { withSource: true })
    await until(admin, `/api/v1/jobs/${job.id}`, one => one.state === 'done')
    await until(admin, path(map, '/diff'), view => view.action === 'unchanged')
    await until(admin, '/api/v1/reconciliation/objects?q=ConfigMap/apps/shop', view => view.rows[0].state === 'agreed')
    const { body: audit } = await admin.call('GET', '/api/v1/audit?project=shop')
    expect(audit.entries.map((one: Any) => one.action)).toEqual(
      expect.arrayContaining(['reconciliation.suspend', 'reconciliation.resume', 'reconciliation.reconcile']),
    )
  })

  it('names a broken image as the culprit, with its line in Git', async () => {
    const body = await until(admin, path(ks('vault'), '/why'), view => view.culprit?.field?.includes('image'))
    expect(body.culprit).toMatchObject({
      object: { kind: 'Deployment', name: 'web' },
      value: 'nginx:1.29-imagepullbackoff',
    })
    expect(body.place).toMatchObject({ path: 'vault/web.yaml', line: 13, exact: true })
  })

  it('watches each kind of the cluster once, whichever pages are looked at', async () => {
    // Every part of the server that looks at the cluster.
    for (const address of ['/fleet', '/applications', '/charts/repositories', '/reconciliation'])
      await admin.call('GET', `/api/v1${address}`)
    await until(admin, '/api/v1/reconciliation', () => watching.open().includes('Node'))
    const open = watching.open()
    expect(open).toEqual([...new Set(open)])
    expect(open).toEqual(expect.arrayContaining(['Event', 'GitRepository', 'HelmRelease', 'Kustomization']))
  })

  it('never gives the values of a Secret', async () => {
    const secret = idOf('', 'Secret', 'shop')
    for (const rest of ['', '/diff', '/why']) {
      const { text, status } = await admin.call('GET', path(secret, rest))
      expect(status).toBe(200)
      expect(text).not.toContain('hunter2-canary')
      expect(text).not.toContain(Buffer.from('hunter2-canary').toString('base64'))
    }
  })

  it('shows a person of one project nothing of another, and lets only operators act', async () => {
    const vera = await test.person('vera', [{ role: 'viewer', project: 'shop', environment: '*' }])
    for (const address of ['', '/objects', '/graph', '/events']) {
      const { text, status } = await vera.call('GET', `/api/v1/reconciliation${address}`)
      expect(status).toBe(200)
      expect(text).not.toContain('vault')
      expect(text).not.toContain('GitRepository"')
    }
    const { body } = await vera.call('GET', '/api/v1/reconciliation/objects')
    expect(body.rows.map((row: Any) => row.kind).sort()).toEqual(['ConfigMap', 'Kustomization', 'Secret'])
    for (const rest of ['', '/diff', '/why']) expect((await vera.call('GET', path(ks('vault'), rest))).status).toBe(404)
    for (const rest of ['/suspend', '/resume'])
      expect((await vera.call('POST', path(ks('shop'), rest))).status).toBe(403)
    expect((await vera.call('POST', path(ks('shop'), '/reconcile'), {})).status).toBe(403)
    // What the cluster has and Flux does not know of is not there for anybody.
    const system = idOf('', 'ConfigMap', 'kube-root-ca.crt', 'default')
    expect((await admin.call('GET', path(system))).status).toBe(404)
    // An object of Flux can be suspended, and nothing else.
    expect((await admin.call('POST', path(idOf('', 'ConfigMap', 'shop'), '/suspend'))).status).toBe(400)
  })

  it('tells of a burst of changes a few times, not once for each', async () => {
    let told = 0
    const stop = test.server.context.reconciliation!.onChange(() => void told++)
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'shop' }
    const from = Date.now()
    for (let i = 0; i < 300; i++)
      await world.client.patch(ref, 'merge', { metadata: { annotations: { n: String(i) } } })
    stop()
    expect(told).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - from) / 1000))
  })

  it('calls an object missing only when it is gone, not when it lost its labels', async () => {
    await admin.call('POST', path(ks('shop'), '/suspend'))
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'shop' }
    const gone = { 'kustomize.toolkit.fluxcd.io/name': null, 'kustomize.toolkit.fluxcd.io/namespace': null }
    await world.client.patch(ref, 'merge', { metadata: { labels: gone } }, { fieldManager: 'kubectl-edit' })
    const address = '/api/v1/reconciliation/objects?q=ConfigMap/apps/shop'
    await until(admin, address, view => view.rows[0].word === 'Missing' || view.rows[0].word === 'Current')
    await until(admin, address, view => view.rows[0].word !== 'Missing')
    await world.client.delete({ ...ref, kind: 'Secret' })
    await until(admin, '/api/v1/reconciliation/objects?q=Secret/', view => view.rows[0].word === 'Missing')
  })
})
