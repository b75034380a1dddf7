import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { RegistryStandIn } from '../../testing/registry.ts'
import { archiveOf, artifactIn, putSource, requestSource, sourceHandled, sourceReady } from '../../testing/sources.ts'
import { configMap, messageOf, World } from '../../testing/world.ts'

// OCIRepository on a registry that speaks the real protocol.
let world: World
let registry: RegistryStandIn

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'a.txt': '1' })
  registry = await RegistryStandIn.start()
  await world.start()
})
afterAll(async () => {
  await world.close()
  await registry.close()
})
beforeEach(() => {
  registry.auth = { kind: 'none' }
  registry.server.fault = () => undefined
})

const url = (repository: string) => `oci://${registry.host}/${repository}`
const put = (name: string, spec: object) =>
  putSource(world, 'OCIRepository', name, { url: url(`org/${name}`), ...spec })
const ready = (name: string, revision?: string) => sourceReady(world, 'OCIRepository', name, revision)
const failed = (name: string, reason: string) => world.failed(name, reason, 'OCIRepository')

describe('what an OCIRepository follows', () => {
  test('a tag: artifact, conditions and event are those of Flux, and a Kustomization builds from it', async () => {
    const annotations = {
      'org.opencontainers.image.source': 'https://example.com/app',
      'org.opencontainers.image.revision': 'main@sha1:abc',
    }
    const layer = await archiveOf({
      'app/a.yaml': configMap('from-oci'),
      'app/photo.png': 'x',
      '.sourceignore': '*.png',
    })
    const digest = registry.push('org/app', 'v1', layer, annotations)
    await put('app', { ref: { tag: 'v1' } })
    const object = await ready('app')
    expect(artifactIn(object)).toEqual({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      lastUpdateTime: expect.stringMatching(/Z$/),
      path: `ocirepository/apps/app/${digest}.tar.gz`,
      revision: `v1@${digest}`,
      size: expect.any(Number),
      url: `http://not-served.invalid/ocirepository/apps/app/${digest}.tar.gz`,
      metadata: annotations,
    })
    expect(messageOf(object)).toBe(`stored artifact for digest 'v1@${digest}'`)
    expect(conditionOf(object, 'ArtifactInStorage')).toMatchObject({ status: 'True', reason: 'Succeeded' })
    expect(object['status']).toMatchObject({
      observedGeneration: 1,
      url: 'http://not-served.invalid/ocirepository/apps/app/latest.tar.gz',
    })
    expect(world.events.find(event => event.about.name === 'app')).toMatchObject({
      reason: 'NewArtifact',
      message: `stored artifact with revision 'v1@${digest}' from '${url('org/app')}', origin source 'https://example.com/app', origin revision 'main@sha1:abc'`,
    })
    await world.kustomization('app', { sourceRef: { kind: 'OCIRepository', name: 'app' } })
    const applied = await world.ready('app')
    expect(applied['status']).toMatchObject({ lastAppliedRevision: `v1@${digest}` })
    expect(await world.find('ConfigMap', 'from-oci')).toBeDefined()
  })

  test('a moved tag is a new revision, which its Kustomizations apply; the same one costs no write', async () => {
    registry.push('org/moved', 'latest', await archiveOf({ 'a.yaml': configMap('moved', { v: '1' }) }))
    await put('moved', {})
    await ready('moved')
    await world.kustomization('moved', { path: './', sourceRef: { kind: 'OCIRepository', name: 'moved' } })
    await world.ready('moved')
    const second = registry.push('org/moved', 'latest', await archiveOf({ 'a.yaml': configMap('moved', { v: '2' }) }))
    await requestSource(world, 'OCIRepository', 'moved')
    await ready('moved', `latest@${second}`)
    await world.until('ConfigMap', 'moved', object => (object?.['data'] as { v?: string })?.v === '2')
    const files = readdirSync(join(world.dir, 'engine/artifacts/ocirepository/apps/moved')).sort()
    expect(files).toHaveLength(3)
    const calls = await world.callsOf(() => requestSource(world, 'OCIRepository', 'moved', 'twice'))
    expect(calls.filter(({ what }) => what.includes('OCIRepository'))).toHaveLength(1)
  })

  test('digest wins over semver, semver over tag; tags are read page by page and filtered', async () => {
    for (const tag of ['1.0.0', '1.1.0', '1.2.0-rc.1', '1.10.0', '2.0.0', 'main', '1.11.0-debug'])
      registry.push('org/many', tag, await archiveOf({ 'v.txt': tag }))
    const digest = registry.push('org/many', 'old', await archiveOf({ 'v.txt': 'old' }))
    await put('many', { ref: { semver: '1.x', tag: 'main' } })
    expect(artifactIn(await ready('many'))?.revision).toMatch(/^1\.10\.0@sha256:/)
    await put('many', { ref: { semver: '>=1.0.0-0 <2.0.0', semverFilter: '.*-rc.*', tag: 'main' } })
    await world.until('OCIRepository', 'many', object => artifactIn(object)?.revision.startsWith('1.2.0-rc.1@'))
    await put('many', { ref: { digest, semver: '1.x', tag: 'main' } })
    await ready('many', digest)
  })

  test('a layer is chosen by its type, and kept as it is where asked', async () => {
    const chart = await archiveOf({ 'app/Chart.yaml': 'name: app\nversion: 1.0.0\n' })
    const type = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
    const layers = [registry.blob('other', 'text/plain'), registry.blob(chart, type)]
    const config = registry.blob('{}', 'application/json')
    const digest = registry.manifest('org/chart', '1.0.0', { config, layers })
    await put('chart', { ref: { tag: '1.0.0' }, layerSelector: { mediaType: type, operation: 'copy' } })
    const object = await ready('chart', `1.0.0@${digest}`)
    expect(artifactIn(object)).toMatchObject({ digest: layers[1]!.digest, size: chart.length })
    expect(object['status']).toMatchObject({ observedLayerSelector: { mediaType: type, operation: 'copy' } })
    await put('nolayer', { url: url('org/chart'), ref: { tag: '1.0.0' }, layerSelector: { mediaType: 'x/y' } })
    expect(messageOf(await failed('nolayer', 'OCIArtifactLayerOperationFailed'))).toBe(
      "failed to find layer with media type 'x/y' in artifact",
    )
  })

  test('of an index, the manifest for linux/amd64', async () => {
    const layer = await archiveOf({ 'x.txt': '1' })
    const digest = registry.push('org/multi', 'one', layer)
    const manifests = [
      { digest: `sha256:${'0'.repeat(64)}`, size: 1, platform: { os: 'linux', architecture: 'arm64' } },
      { digest, size: 1, platform: { os: 'linux', architecture: 'amd64' } },
    ]
    const index = registry.manifest('org/multi', 'all', { manifests }, 'application/vnd.oci.image.index.v1+json')
    await put('multi', { ref: { tag: 'all' } })
    await ready('multi', `all@${index}`)
  })
})

describe('when the registry fails', () => {
  test('at any byte, with any turned bit: the last artifact stays, and nothing wrong is stored', async () => {
    const first = registry.push('org/faulty', 'latest', await archiveOf({ 'a.yaml': configMap('faulty') }))
    await put('faulty', {})
    const before = artifactIn(await ready('faulty', `latest@${first}`))
    const layer = await archiveOf({ 'a.yaml': configMap('faulty', { v: 'new' }) })
    const second = registry.push('org/faulty', 'latest', layer)
    for (const [kind, at] of [
      ['cut', 0],
      ['cut', 1],
      ['cut', Math.floor(layer.length / 2)],
      ['cut', layer.length - 1],
      ['flip', 0],
      ['flip', 37],
      ['flip', layer.length - 1],
    ] as const) {
      registry.server.fault = request => (request.path.includes('/blobs/') ? { kind, at } : undefined)
      const token = `${kind}-${at}`
      await requestSource(world, 'OCIRepository', 'faulty', token)
      const object = await sourceHandled(world, 'OCIRepository', 'faulty', token)
      expect(conditionOf(object, 'Ready'), token).toMatchObject({
        status: 'False',
        reason: 'OCIArtifactLayerOperationFailed',
      })
      expect(conditionOf(object, 'FetchFailed')?.status).toBe('True')
      expect(artifactIn(object)).toEqual(before)
    }
    registry.server.fault = request =>
      request.path.includes('/manifests/') && request.method === 'GET' ? { kind: 'flip', at: 40 } : undefined
    await requestSource(world, 'OCIRepository', 'faulty', 'manifest')
    expect(artifactIn(await failed('faulty', 'OCIArtifactPullFailed'))).toEqual(before)
    registry.server.fault = () => undefined
    await requestSource(world, 'OCIRepository', 'faulty', 'well again')
    await ready('faulty', `latest@${second}`)
    const files = readdirSync(join(world.dir, 'engine/artifacts/ocirepository/apps/faulty'))
    expect(files.filter(name => name.startsWith('.'))).toEqual([])
  })

  test('a wait that the registry asks for is kept, bodies of errors are not shown', async () => {
    registry.server.fault = () => ({
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '600' },
      body: 'token=hunter2hunter2',
    })
    await put('busy', {})
    const object = await failed('busy', 'OCIArtifactPullFailed')
    expect(messageOf(object)).toContain('status 429')
    expect(messageOf(object)).not.toContain('hunter2')
    const asked = () => registry.server.requests.filter(({ path }) => path.includes('/org/busy/')).length
    const before = asked()
    await new Promise(resolve => setTimeout(resolve, 2500))
    expect(asked()).toBe(before)
  })

  test('an artifact that was changed on disk is told of and made anew', async () => {
    const digest = registry.push('org/disk', 'latest', await archiveOf({ 'x.txt': '1' }))
    await put('disk', {})
    const before = artifactIn(await ready('disk', `latest@${digest}`))!
    const { writeFileSync } = await import('node:fs')
    writeFileSync(join(world.dir, 'engine/artifacts', before.path), 'other')
    await requestSource(world, 'OCIRepository', 'disk', 'look')
    await sourceHandled(world, 'OCIRepository', 'disk', 'look')
    const after = artifactIn(await ready('disk'))
    expect(after).toMatchObject({ digest: before.digest, revision: before.revision })
    expect(
      world.events.find(({ reason, about }) => reason === 'ArtifactVerificationFailed' && about.name === 'disk'),
    ).toBeDefined()
  })

  test('one that is gone, or hostile content, stops nobody else', async () => {
    await put('gone', { url: url('org/nobody') })
    expect(messageOf(await failed('gone', 'OCIArtifactPullFailed'))).toContain('status 404')
    registry.push('org/evil', 'latest', gzipSync(Buffer.alloc(300 * 1024 * 1024)))
    await put('evil', {})
    expect(messageOf(await failed('evil', 'OCIArtifactLayerOperationFailed'))).toContain(
      'refused to unpack the archive',
    )
    await put('nourl', { url: `oci://${registry.host}/UPPER/x` })
    expect(conditionOf(await failed('nourl', 'URLInvalid'), 'Stalled')?.status).toBe('True')
    await put('tagged', { url: `oci://${registry.host}/org/x:v1` })
    expect(messageOf(await failed('tagged', 'URLInvalid'))).toContain("URL must not contain a tag; remove ':v1'")
    await put('hostile-filter', { url: url('org/many'), ref: { semver: '*', semverFilter: '(a' } })
    await failed('hostile-filter', 'ReadOperationFailed')
    const digest = registry.push('org/fine', 'latest', await archiveOf({ 'x.txt': '1' }))
    await put('fine', {})
    await ready('fine', `latest@${digest}`)
  })
})
