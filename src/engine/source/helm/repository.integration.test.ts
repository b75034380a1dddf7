import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { ChartRepositoryStandIn, packChart } from '../../testing/chart-repository.ts'
import { RegistryStandIn } from '../../testing/registry.ts'
import { artifactIn, putSecret, putSource, requestSource, sourceHandled, sourceReady } from '../../testing/sources.ts'
import { messageOf, World } from '../../testing/world.ts'
import { chartOfArchive } from './chart.ts'

// HelmRepository, and HelmCharts out of one.
let world: World
let charts: ChartRepositoryStandIn
let registry: RegistryStandIn

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'a.txt': '1' })
  charts = await ChartRepositoryStandIn.start()
  registry = await RegistryStandIn.start()
  await world.start()
})
afterAll(async () => {
  await world.close()
  await charts.close()
  await registry.close()
})
beforeEach(() => {
  charts.login = undefined
  charts.server.fault = () => undefined
})

const repository = (name: string, spec: object = {}) =>
  putSource(world, 'HelmRepository', name, { url: charts.server.url, ...spec })
const chart = (name: string, spec: object) => putSource(world, 'HelmChart', name, spec)
const chartReady = (name: string, version?: string) => sourceReady(world, 'HelmChart', name, version)
const failed = (name: string, reason: string, kind = 'HelmChart') => world.failed(name, reason, kind)
const stored = (object: Parameters<typeof artifactIn>[0]) =>
  chartOfArchive(readFileSync(join(world.dir, 'engine/artifacts', artifactIn(object)!.path)))
const from = (kind: string, name: string) => ({ sourceRef: { kind, name } })
const digestOf = (text: string | Buffer) => `sha256:${createHash('sha256').update(text).digest('hex')}`

describe('a HelmRepository', () => {
  test('stores its index: revision, artifact, conditions and event are those of Flux', async () => {
    charts.add('podinfo', '6.0.0', await packChart('podinfo', '6.0.0'))
    await repository('http')
    const revision = digestOf(charts.index())
    const object = await sourceReady(world, 'HelmRepository', 'http', revision)
    expect(artifactIn(object)).toMatchObject({
      path: `helmrepository/apps/http/index-${revision.slice(7)}.yaml`,
      digest: digestOf(JSON.stringify(JSON.parse(charts.index()))),
    })
    expect(messageOf(object)).toBe(`stored artifact: revision '${revision}'`)
    expect(object['status']).toMatchObject({ url: 'http://not-served.invalid/helmrepository/apps/http/index.yaml' })
    expect(world.events.find(event => event.about.name === 'http')?.message).toMatch(
      new RegExp(`^stored fetched index of size \\d+(\\.\\d+)?k?B from '${charts.server.url}'$`),
    )
  })

  test('of type oci only stands for an address: no finalizer, no status', async () => {
    await repository('static', { url: `oci://${registry.host}/charts`, type: 'oci' })
    await world.quiet()
    const object = await world.find('HelmRepository', 'static')
    expect(object?.metadata.finalizers).toBeUndefined()
    expect(artifactIn(object)).toBeUndefined()
    expect(conditionOf(object, 'Ready')).toBeUndefined()
  })

  test('keeps its index when the server fails; broken indexes and logins are named', async () => {
    await repository('faulty')
    const before = artifactIn(await sourceReady(world, 'HelmRepository', 'faulty'))
    charts.server.fault = () => ({ kind: 'status', status: 500, body: 'secret stack trace' })
    await requestSource(world, 'HelmRepository', 'faulty', 'one')
    const object = await sourceHandled(world, 'HelmRepository', 'faulty', 'one')
    expect(artifactIn(object)).toEqual(before)
    expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'False', reason: 'Failed' })
    expect(messageOf(object)).toMatch(/^failed to fetch Helm repository index: .*status 500$/)
    charts.server.fault = () => ({ kind: 'status', status: 200, body: '<html>not an index</html>' })
    await requestSource(world, 'HelmRepository', 'faulty', 'two')
    expect(artifactIn(await failed('faulty', 'IndexationFailed', 'HelmRepository'))).toEqual(before)
    charts.server.fault = () => undefined
    charts.login = 'ann:her-password'
    await repository('locked')
    await failed('locked', 'AuthenticationFailed', 'HelmRepository')
    await putSecret(world, 'ann', { username: 'ann', password: 'her-password' })
    await repository('locked', { secretRef: { name: 'ann' } })
    await sourceReady(world, 'HelmRepository', 'locked')
    await repository('wrong', { url: 'oci://example.com/x' })
    expect(messageOf(await failed('wrong', 'URLInvalid', 'HelmRepository'))).toBe(
      "invalid Helm repository URL: 'oci' URL scheme cannot be used with 'default' HelmRepository type",
    )
  })
})

describe('a HelmChart out of a HelmRepository', () => {
  test('takes the newest version in the range, as it is, and the next one when it appears', async () => {
    for (const version of ['1.0.0', '1.2.0', '2.0.0-rc.1']) charts.add('app', version, await packChart('app', version))
    await repository('repo')
    await chart('app', { chart: 'app', version: '>=1.0.0', ...from('HelmRepository', 'repo') })
    const object = await chartReady('app', '1.2.0')
    const bytes = await packChart('app', '1.2.0')
    expect(artifactIn(object)).toMatchObject({
      path: 'helmchart/apps/app/app-1.2.0.tgz',
      digest: digestOf(bytes),
      size: bytes.length,
      url: 'http://not-served.invalid/helmchart/apps/app/app-1.2.0.tgz',
    })
    expect(conditionOf(object, 'Ready')).toMatchObject({
      reason: 'ChartPullSucceeded',
      message: "pulled 'app' chart with version '1.2.0'",
    })
    expect(object['status']).toMatchObject({
      observedChartName: 'app',
      observedSourceArtifactRevision: expect.stringMatching(/^sha256:/),
    })
    expect(world.events.find(event => event.about.kind === 'HelmChart' && event.about.name === 'app')).toMatchObject({
      reason: 'ChartPullSucceeded',
    })
    charts.add('app', '1.3.0', await packChart('app', '1.3.0'))
    await requestSource(world, 'HelmRepository', 'repo')
    await chartReady('app', '1.3.0')
  })

  test('merges values files into its values, and says so in the version', async () => {
    const files = { 'values-prod.yaml': 'replicas: 3\nimage:\n  tag: two\n' }
    charts.add('valued', '1.0.0', await packChart('valued', '1.0.0', files))
    await repository('valued')
    await chart('valued', {
      chart: 'valued',
      version: '1.x',
      valuesFiles: ['values.yaml', 'values-prod.yaml'],
      ...from('HelmRepository', 'valued'),
    })
    const object = await chartReady('valued', '1.0.0+1')
    expect(conditionOf(object, 'Ready')).toMatchObject({
      reason: 'ChartPackageSucceeded',
      message: "packaged 'valued' chart with version '1.0.0+1' and merged values files [values.yaml values-prod.yaml]",
    })
    const made = await stored(object)
    expect(made.version).toBe('1.0.0+1')
    expect(made.values()).toEqual({ replicas: 3, image: { name: 'app', tag: 'two' } })
    await chart('valued', {
      chart: 'valued',
      version: '1.x',
      valuesFiles: ['none.yaml'],
      ...from('HelmRepository', 'valued'),
    })
    const bad = await failed('valued', 'ValuesFilesError')
    expect(messageOf(bad)).toBe(
      "values files merge error: failed to merge chart values: no values file found at path 'none.yaml'",
    )
    expect(conditionOf(bad, 'BuildFailed')?.status).toBe('True')
    expect(conditionOf(bad, 'Stalled')?.status).toBe('True')
    expect(artifactIn(bad)?.revision).toBe('1.0.0+1')
    await chart('valued', {
      chart: 'valued',
      version: '1.x',
      valuesFiles: ['none.yaml', 'values-prod.yaml'],
      ignoreMissingValuesFiles: true,
      ...from('HelmRepository', 'valued'),
    })
    const third = await chartReady('valued', '1.0.0+3')
    expect(third['status']).toMatchObject({ observedValuesFiles: ['values-prod.yaml'] })
  })

  test('sends the login to other hosts only where the spec says so', async () => {
    const other = await ChartRepositoryStandIn.start()
    try {
      charts.login = 'ann:her-password'
      const bytes = await packChart('else', '1.0.0')
      other.add('else', '1.0.0', bytes)
      charts.add('else', '1.0.0', bytes, `${other.server.url}/charts/else-1.0.0.tgz`)
      await putSecret(world, 'login', { username: 'ann', password: 'her-password' })
      await repository('else', { secretRef: { name: 'login' } })
      await chart('else', { chart: 'else', ...from('HelmRepository', 'else') })
      await chartReady('else', '1.0.0')
      expect(other.server.requests.map(({ authorization }) => authorization)).toEqual([undefined])
      await repository('else', { secretRef: { name: 'login' }, passCredentials: true })
      await chart('passed', { chart: 'else', ...from('HelmRepository', 'else') })
      await chartReady('passed', '1.0.0')
      expect(other.server.requests.at(-1)?.authorization).toMatch(/^Basic /)
    } finally {
      await other.close()
    }
  })

  test('a turned bit or a cut package is never stored, and nothing else stops', async () => {
    const bytes = await packChart('bits', '1.0.0')
    charts.add('bits', '1.0.0', bytes)
    await repository('bits')
    await sourceReady(world, 'HelmRepository', 'bits')
    for (const [at, kind] of [
      [0, 'cut'],
      [20, 'cut'],
      [bytes.length - 1, 'cut'],
      [0, 'flip'],
      [30, 'flip'],
      [bytes.length - 1, 'flip'],
    ] as const) {
      charts.server.fault = ({ path }) => (path.startsWith('/charts/bits') ? { kind, at } : undefined)
      const name = `bits-${kind}-${at}`
      await chart(name, { chart: 'bits', ...from('HelmRepository', 'bits') })
      expect(artifactIn(await failed(name, 'ChartPullError'))).toBeUndefined()
    }
    charts.server.fault = () => undefined
    await requestSource(world, 'HelmChart', 'bits-cut-0')
    await chartReady('bits-cut-0', '1.0.0')
  })

  test('what cannot be found, or must not be asked for, is named', async () => {
    await repository('some')
    await sourceReady(world, 'HelmRepository', 'some')
    const put = (name: string, spec: object) => chart(name, { ...from('HelmRepository', 'some'), ...spec })
    await put('nochart', { chart: 'nothing' })
    expect(messageOf(await failed('nochart', 'InvalidChartReference'))).toContain('no chart name found')
    await put('noversion', { chart: 'app', version: '>9' })
    expect(messageOf(await failed('noversion', 'InvalidChartReference'))).toBe(
      "invalid chart reference: failed to get chart version for remote reference: no 'app' chart with version matching '>9' found",
    )
    await put('traversal', { chart: '../../etc/passwd' })
    expect(messageOf(await failed('traversal', 'InvalidChartReference'))).toContain('a valid name must be lower case')
    await put('nosource', { chart: 'app', ...from('HelmRepository', 'absent') })
    expect(messageOf(await failed('nosource', 'SourceUnavailable'))).toBe(
      'failed to get source: helmrepositories.source.toolkit.fluxcd.io "absent" not found',
    )
    await put('unverifiable', { chart: 'app', verify: { provider: 'cosign', secretRef: { name: 'x' } } })
    await failed('unverifiable', 'UnsupportedField')
  })
})
