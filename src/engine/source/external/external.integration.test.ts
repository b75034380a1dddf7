import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { FaultyServer } from '../../testing/faulty-server.ts'
import { archiveOf, artifactIn, putSource, requestSource, sourceReady } from '../../testing/sources.ts'
import { configMap, messageOf, World } from '../../testing/world.ts'

// Artifacts that others serve to us, and that we serve to others.
let world: World
let server: FaultyServer
const files = new Map<string, Buffer>()

beforeAll(async () => {
  world = await World.open(
    { startCluster, startForge },
    { 'app/a.yaml': configMap('served', { v: '1' }), 'photo.png': 'x' },
  )
  server = await FaultyServer.start(({ path }) => {
    const body = files.get(path)
    return body === undefined ? { status: 404 } : { status: 200, body }
  })
})
afterAll(async () => {
  await world.close()
  await server.close()
})

/** What the controller behind an ExternalArtifact does. */
async function publish(name: string, revision: string, bytes: Buffer, digestOf = bytes): Promise<void> {
  files.set(`/${name}-${revision}.tar.gz`, bytes)
  const ref = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'ExternalArtifact',
    metadata: { name, namespace: 'apps' },
  }
  await world.apply({ ...ref, spec: { sourceRef: { kind: 'Generator', name } } })
  const artifact = {
    revision,
    digest: `sha256:${createHash('sha256').update(digestOf).digest('hex')}`,
    lastUpdateTime: '2026-01-01T00:00:00Z',
    path: `externalartifact/apps/${name}/${revision}.tar.gz`,
    url: `${server.url}/${name}-${revision}.tar.gz`,
    size: bytes.length,
  }
  await world.client.patch(
    { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'ExternalArtifact', namespace: 'apps', name },
    'merge',
    { status: { artifact } },
    { subresource: 'status', fieldManager: 'other' },
  )
}

describe('an ExternalArtifact', () => {
  const from = (name: string) => ({ path: './', sourceRef: { kind: 'ExternalArtifact', name } })

  test('is not read while its feature gate is off', async () => {
    await world.start()
    await publish('gated', 'r1', await archiveOf({ 'a.yaml': configMap('gated') }))
    await world.kustomization('gated', from('gated'))
    expect(messageOf(await world.failed('gated', 'AccessDenied'))).toBe(
      "can't access 'ExternalArtifact/apps/gated', ExternalArtifact feature gate is disabled",
    )
    await world.stop()
  })

  test('is read from where it is served, if its digest is right, and never written', async () => {
    await world.start({ featureGates: { ExternalArtifact: true } })
    await publish('ext', 'r1', await archiveOf({ 'a.yaml': configMap('ext', { v: '1' }) }))
    await world.kustomization('ext', from('ext'))
    await world.until('ConfigMap', 'ext', object => (object?.['data'] as { v?: string } | undefined)?.v === '1')
    await publish('ext', 'r2', await archiveOf({ 'a.yaml': configMap('ext', { v: '2' }) }))
    await world.until('ConfigMap', 'ext', object => (object?.['data'] as { v?: string } | undefined)?.v === '2')
    expect((await world.find('ExternalArtifact', 'ext'))?.metadata.finalizers).toBeUndefined()
    await publish('ext', 'r3', await archiveOf({ 'a.yaml': configMap('ext', { v: 'evil' }) }), Buffer.from('other'))
    await publish('forged', 'r1', await archiveOf({ 'a.yaml': configMap('forged') }), Buffer.from('other'))
    await world.kustomization('forged', from('forged'))
    expect(messageOf(await world.failed('forged', 'ArtifactFailed'))).toBe(
      'Source is not ready, artifact not found, retrying in 30s',
    )
    expect((await world.find('ConfigMap', 'ext'))?.['data']).toEqual({ v: '2' })
    await world.stop()
  })
})

describe('artifacts that are served', () => {
  test('have a path, digest and size that a consumer finds right, of a GitRepository too', async () => {
    await world.start({ storage: { address: '127.0.0.1:0' } })
    const commit = await world.commit({ 'served.txt': '1' })
    await world.source({ ignore: '*.png' }, 'served')
    const artifact = artifactIn(await sourceReady(world, 'GitRepository', 'served', `main@sha1:${commit}`))!
    expect(artifact).toMatchObject({ path: `gitrepository/apps/served/${commit}.tar.gz`, size: expect.any(Number) })
    expect(artifact.metadata).toBeUndefined()
    expect(artifact.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/gitrepository\/apps\/served\//)
    const bytes = Buffer.from(await (await fetch(artifact.url)).arrayBuffer())
    expect(bytes.length).toBe(artifact.size)
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(artifact.digest)
    await world.kustomization('app', { sourceRef: { kind: 'GitRepository', name: 'served' } })
    await world.ready('app', commit)
    const calls = await world.callsOf(async () => {
      await requestSource(world, 'GitRepository', 'served', 'again')
      await world.until('GitRepository', 'served', object => {
        const status = object?.['status'] as { lastHandledReconcileAt?: string } | undefined
        return status?.lastHandledReconcileAt === 'again'
      })
    })
    expect(calls.filter(({ what }) => what.includes('GitRepository'))).toHaveLength(1)
    await world.client.delete({
      group: 'source.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'GitRepository',
      namespace: 'apps',
      name: 'served',
    })
    await world.until('GitRepository', 'served', object => object === undefined)
    expect((await fetch(artifact.url)).status).toBe(404)
  })

  test('an engine that stops serving makes its Git artifacts plain again', async () => {
    await world.source({}, 'back')
    await sourceReady(world, 'GitRepository', 'back')
    await world.stop()
    await world.start()
    const object = await world.until('GitRepository', 'back', one => artifactIn(one)?.url.startsWith('git+'))
    expect(conditionOf(object, 'Ready')?.status).toBe('True')
    await putSource(world, 'Bucket', 'poison', { bucketName: 'x', endpoint: '127.0.0.1:1', insecure: true })
    await world.failed('poison', 'BucketOperationFailed', 'Bucket')
  })
})
