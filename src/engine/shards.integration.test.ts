import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { packChart as packFolder } from './helmrelease/testing/chart-shelf.ts'
import { helmForTests } from './helmrelease/testing/helm-path.ts'
import { dataOf, historyOf } from './helmrelease/testing/release-world.ts'
import { type Engine, type EngineEvent, singleTenant, startEngine } from './index.ts'
import { ChartRepositoryStandIn } from './testing/chart-repository.ts'
import { RegistryStandIn } from './testing/registry.ts'
import { archiveOf, putSource, requestSource, sourceReady } from './testing/sources.ts'
import { configMap, World } from './testing/world.ts'

// Two engines on one cluster, each with a shard of its own: the world's takes what has no key, `one` the rest.
const key = 'sharding.fluxcd.io/key'
const ofOne = { labels: { [key]: 'one' } }
const helm = await helmForTests()
const before = process.env['SLUICE_HELM']
const fromOne: EngineEvent[] = []
let world: World
let one: Engine
let registry: RegistryStandIn
let charts: ChartRepositoryStandIn

beforeAll(async () => {
  if (helm !== undefined) process.env['SLUICE_HELM'] = helm
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('app') })
  registry = await RegistryStandIn.start()
  charts = await ChartRepositoryStandIn.start()
  await world.start({ watchLabelSelector: `!${key}` })
  one = await startEngine({
    client: world.client,
    dataDir: join(world.dir, 'one'),
    clock: systemClock,
    watchLabelSelector: `${key}=one`,
    onEvent: event => fromOne.push(event),
    listen: { metrics: '127.0.0.1:0' },
    tenancy: singleTenant,
  })
  await one.ready
}, 60_000)
afterAll(async () => {
  await one?.close()
  await world?.close()
  await registry?.close()
  await charts?.close()
  if (before === undefined) delete process.env['SLUICE_HELM']
  else process.env['SLUICE_HELM'] = before
})

/** Who has told of an object. */
function tellers(kind: string, name: string): string[] {
  const tells = (events: readonly EngineEvent[]) =>
    events.some(({ about }) => about.kind === kind && about.name === name)
  return [...(tells(world.events) ? ['rest'] : []), ...(tells(fromOne) ? ['one'] : [])]
}

const chartOf = (version: string) =>
  packFolder('web', version, {
    'templates/cm.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {version: "${version}"}\n`,
  })
const refOf = (name: string) => ({
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  kind: 'HelmRelease',
  namespace: 'apps',
  name,
})
const helmRelease = (name: string, spec: object, metadata: object = ofOne) =>
  world.apply({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: 'apps', ...metadata },
    spec: { interval: '10m', timeout: '20s', ...spec },
  })
async function released(name: string, chart: string): Promise<KubeObject> {
  const deadline = performance.now() + 25_000
  for (;;) {
    const object = await world.client.find(refOf(name))
    const there = object !== undefined && historyOf(object)[0]?.chartVersion.startsWith(chart)
    if (there && conditionOf(object, 'Ready')?.status === 'True') return object
    if (performance.now() > deadline) throw new Error(JSON.stringify(object?.['status'], null, 1))
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

describe('a source of another shard', () => {
  test('is followed by those that are built from it, and acted on by its own engine only', async () => {
    registry.push('app', 'v1', await archiveOf({ 'a.yaml': configMap('oci', { v: '1' }), 'b.yaml': configMap('more') }))
    await putSource(world, 'OCIRepository', 'app', {
      url: `oci://${registry.host}/app`,
      ref: { tag: 'v1' },
      insecure: true,
    })
    await world.kustomization(
      'oci',
      { path: './', sourceRef: { kind: 'OCIRepository', name: 'app' } },
      { labels: { [key]: 'one' } },
    )
    await world.ready('oci')
    expect(dataOf(await world.find('ConfigMap', 'oci'))).toEqual({ v: '1' })
    // The same revision with other content: what is left out of it has changed.
    await putSource(world, 'OCIRepository', 'app', {
      url: `oci://${registry.host}/app`,
      ref: { tag: 'v1' },
      insecure: true,
      ignore: 'b.yaml',
    })
    await world.until('ConfigMap', 'more', object => object === undefined)
    registry.push('app', 'v1', await archiveOf({ 'a.yaml': configMap('oci', { v: '2' }) }))
    await requestSource(world, 'OCIRepository', 'app')
    await world.until('ConfigMap', 'oci', object => dataOf(object)?.['v'] === '2')
    expect(tellers('OCIRepository', 'app')).toEqual(['rest'])
    expect(tellers('Kustomization', 'oci')).toEqual(['one'])
  })
})

describe.skipIf(helm === undefined)('a HelmRelease of a shard', { timeout: 60_000 }, () => {
  test('is released from an OCIRepository of another one, version by version', async () => {
    const layer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
    registry.push('charts/web', '1.0.0', chartOf('1.0.0'), {}, layer)
    await putSource(world, 'OCIRepository', 'web', {
      url: `oci://${registry.host}/charts/web`,
      ref: { semver: '1.x' },
      insecure: true,
      layerSelector: { mediaType: layer, operation: 'copy' },
    })
    await helmRelease('oci', { chartRef: { kind: 'OCIRepository', name: 'web' } })
    await released('oci', '1.0.0')
    registry.push('charts/web', '1.1.0', chartOf('1.1.0'), {}, layer)
    await requestSource(world, 'OCIRepository', 'web')
    await released('oci', '1.1.0')
    expect(tellers('OCIRepository', 'web')).toEqual(['rest'])
    expect(tellers('HelmRelease', 'oci')).toEqual(['one'])
  })

  test('has its chart made by its own engine, out of a HelmRepository of another one', async () => {
    charts.add('web', '1.0.0', chartOf('1.0.0'))
    await putSource(world, 'HelmRepository', 'charts', { url: `${charts.server.url}/` })
    await sourceReady(world, 'HelmRepository', 'charts')
    const spec = { chart: 'web', version: '1.x', sourceRef: { kind: 'HelmRepository', name: 'charts' } }
    await helmRelease('indexed', { chart: { metadata: ofOne, spec } })
    await released('indexed', '1.0.0')
    charts.add('web', '1.1.0', chartOf('1.1.0'))
    await requestSource(world, 'HelmRepository', 'charts')
    await released('indexed', '1.1.0')
    expect(tellers('HelmRepository', 'charts')).toEqual(['rest'])
    expect(tellers('HelmChart', 'apps-indexed')).toEqual(['one'])
    expect(tellers('HelmRelease', 'indexed')).toEqual(['one'])
  })

  test('has Events and metrics as those of Flux', async () => {
    const eventsOf = async (kind: string, name: string) => {
      const { items } = await world.client.list({ group: '', version: 'v1', kind: 'Event' }, { namespace: 'apps' })
      return items.filter(({ involvedObject: about }) => {
        const { kind: of, name: called } = about as { kind: string; name: string }
        return of === kind && called === name
      })
    }
    let found: KubeObject[] = []
    while (!found.some(({ reason }) => reason === 'UpgradeSucceeded')) found = await eventsOf('HelmRelease', 'indexed')
    const { metadata, ...event } = found.find(({ reason }) => reason === 'UpgradeSucceeded')!
    const object = await world.client.get(refOf('indexed'))
    expect(event).toMatchObject({
      type: 'Normal',
      involvedObject: { apiVersion: 'helm.toolkit.fluxcd.io/v2', uid: object.metadata.uid },
      source: { component: 'helm-controller' },
      reportingComponent: 'helm-controller',
    })
    expect(metadata.annotations).toMatchObject({
      'helm.toolkit.fluxcd.io/revision': '1.1.0',
      'helm.toolkit.fluxcd.io/token': expect.stringMatching(/^sha256:/),
      'helm.toolkit.fluxcd.io/app-version': '1.0',
    })
    const [chart] = await eventsOf('HelmChart', 'apps-indexed')
    expect(chart).toMatchObject({
      involvedObject: { apiVersion: 'source.toolkit.fluxcd.io/v1' },
      source: { component: 'source-controller' },
    })
    const text = await (await fetch(`${one.urls.metrics}/metrics`)).text()
    expect(text).toMatch(/^sluice_engine_helm_runs_total\{action="install"\} [1-9]/m)
    expect(text).toMatch(/^gotk_resource_info\{.*name="indexed".*ready="True".*revision="1\.1\.0".*\} 1$/m)
    expect(text).toMatch(/^gotk_reconcile_condition\{kind="HelmRelease",name="indexed".*status="True".*\} 1$/m)
    // Objects of other shards are for their engines to tell of.
    expect(text).not.toMatch(/kind="HelmRepository"/)
  })

  test('reads along a HelmChart that the others make', async () => {
    const spec = { chart: 'web', version: '1.0.0', sourceRef: { kind: 'HelmRepository', name: 'charts' } }
    await helmRelease('along', { chart: { spec } })
    await released('along', '1.0.0')
    await helmRelease('along', { chart: { spec: { ...spec, version: '1.1.0' } } })
    await released('along', '1.1.0')
    expect(tellers('HelmChart', 'apps-along')).toEqual(['rest'])
    expect(tellers('HelmRelease', 'along')).toEqual(['one'])
  })

  test('reads along a HelmChart out of Git, commit by commit', async () => {
    const files = (version: string) => ({
      'charts/git/Chart.yaml': `apiVersion: v2\nname: git\nversion: ${version}\n`,
      'charts/git/templates/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\n',
    })
    await world.commit(files('0.1.0'))
    await world.source()
    const spec = { chart: './charts/git', sourceRef: { kind: 'GitRepository', name: 'fleet' } }
    await helmRelease('git', { chart: { spec } })
    await released('git', '0.1.0')
    await world.commit(files('0.2.0'))
    await released('git', '0.2.0')
    expect(tellers('GitRepository', 'fleet')).toEqual(['rest'])
    expect(tellers('HelmChart', 'apps-git')).toEqual(['rest'])
    expect(tellers('HelmRelease', 'git')).toEqual(['one'])
  })

  test('goes on with another engine when its label changes, as the same release', async () => {
    const first = await released('oci', '1.1.0')
    fromOne.length = 0
    await world.client.patch(refOf('oci'), 'merge', { metadata: { labels: { [key]: null } } })
    await world.client.patch(refOf('oci'), 'merge', { spec: { values: { now: 'other' } } })
    const revisions = historyOf(first)[0]?.version ?? 0
    const deadline = performance.now() + 20_000
    for (;;) {
      const object = await world.client.get(refOf('oci'))
      if (historyOf(object)[0]?.version === revisions + 1 && conditionOf(object, 'Ready')?.status === 'True') break
      if (performance.now() > deadline) throw new Error(JSON.stringify(object['status'], null, 1))
      await new Promise(resolve => setTimeout(resolve, 25))
    }
    expect(tellers('HelmRelease', 'oci')).toEqual(['rest'])
  })
})

test('an engine that serves artifacts beside one that does not is told of at its start', async () => {
  const told: EngineEvent[] = []
  const two = await startEngine({
    client: world.client,
    dataDir: join(world.dir, 'two'),
    clock: systemClock,
    watchLabelSelector: `${key}=two`,
    onEvent: event => told.push(event),
    storage: { address: '127.0.0.1:0' },
    tenancy: singleTenant,
  })
  try {
    await expect
      .poll(() => told.find(({ reason }) => reason === 'ShardsDiffer')?.message)
      .toMatch(
        /^this engine serves artifacts and the engine of Lease kube-system\/sluice-engine-.* does not: .*--storage-addr/,
      )
  } finally {
    await two.close()
  }
  expect(fromOne.some(({ reason }) => reason === 'ShardsDiffer')).toBe(false)
})
