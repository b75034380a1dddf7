import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { RegistryStandIn } from '../../testing/registry.ts'
import { archiveOf, artifactIn, putSecret, putSource, requestSource, sourceReady } from '../../testing/sources.ts'
import { messageOf, World } from '../../testing/world.ts'

// Logins and signatures of OCIRepositories.
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

describe('logins', () => {
  const login = { username: 'robot', password: 'correct-horse-battery' }
  const config = (host: string) =>
    JSON.stringify({
      auths: { [host]: { auth: Buffer.from(`${login.username}:${login.password}`).toString('base64') } },
    })

  test.each([['basic' as const], ['token' as const]])(
    '%s, from a secret of docker or the pull secrets of a service account',
    async kind => {
      registry.auth = { kind, ...login }
      const digest = registry.push(`org/${kind}`, 'latest', await archiveOf({ 'x.txt': kind }))
      await putSecret(world, 'pull', { '.dockerconfigjson': config(registry.host) })
      await put(kind, { secretRef: { name: 'pull' } })
      await ready(kind, `latest@${digest}`)
      await world.apply({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'puller', namespace: 'apps' },
        imagePullSecrets: [{ name: 'pull' }],
      })
      await put(`${kind}-sa`, { url: url(`org/${kind}`), serviceAccountName: 'puller' })
      await ready(`${kind}-sa`, `latest@${digest}`)
    },
  )

  test('none, or a wrong one: the failure is named and holds no secret', async () => {
    registry.push('org/locked', 'latest', await archiveOf({ 'x.txt': '1' }))
    registry.auth = { kind: 'basic', username: 'robot', password: 'other-password' }
    await put('locked', {})
    expect(messageOf(await failed('locked', 'AuthenticationFailed'))).toContain('status 401')
    await putSecret(world, 'wrong', { '.dockerconfigjson': config(registry.host) })
    await put('locked', { secretRef: { name: 'wrong' } })
    await world.until(
      'OCIRepository',
      'locked',
      object => object?.metadata.generation === 2 && conditionOf(object, 'Ready')?.observedGeneration === 2,
    )
    const text = JSON.stringify([await world.find('OCIRepository', 'locked'), world.events])
    expect(text).not.toContain(login.password)
  })

  test('never to another host: not to the service that a challenge names, not along a redirect', async () => {
    const other = await RegistryStandIn.start()
    try {
      await putSecret(world, 'mine', { '.dockerconfigjson': config(registry.host) })
      registry.push('org/lured', 'latest', await archiveOf({ 'x.txt': '1' }))
      registry.auth = { kind: 'token', ...login, realm: `http://localhost:${other.host.split(':')[1]}/token` }
      await put('lured', { secretRef: { name: 'mine' } })
      expect(messageOf(await failed('lured', 'OCIArtifactPullFailed'))).toContain('which is another host; it was not')
      registry.auth = { kind: 'basic', ...login }
      const layer = await archiveOf({ 'x.txt': '2' })
      const digest = registry.push('org/moved-away', 'latest', layer)
      other.blob(layer, 'x')
      other.push('org/moved-away', 'latest', layer)
      registry.server.fault = request =>
        request.path.includes('/blobs/') ? { kind: 'redirect', to: `http://${other.host}${request.path}` } : undefined
      await put('moved-away', { secretRef: { name: 'mine' } })
      await ready('moved-away', `latest@${digest}`)
      expect(other.server.requests.length).toBeGreaterThan(0)
      expect(other.server.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
    } finally {
      await other.close()
    }
  })
})

describe('signatures of cosign', () => {
  const keys = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
  const pem = (at: number) => keys[at]!.publicKey.export({ type: 'spki', format: 'pem' }).toString()

  function signWith(at: number, repository: string, digest: string, named = digest): void {
    const payload = JSON.stringify({
      critical: {
        identity: { 'docker-reference': '' },
        image: { 'docker-manifest-digest': named },
        type: 'cosign container image signature',
      },
      optional: null,
    })
    const signature = sign('sha256', Buffer.from(payload), keys[at]!.privateKey).toString('base64')
    const layer = registry.blob(payload, 'application/vnd.dev.cosign.simplesigning.v1+json', {
      'dev.cosignproject.cosign/signature': signature,
    })
    registry.manifest(repository, `${digest.replace(':', '-')}.sig`, {
      config: registry.blob('{}', 'x/y'),
      layers: [layer],
    })
  }

  test('by one of the keys is taken and said; none, one by another key or for another digest is refused', async () => {
    await putSecret(world, 'cosign', { 'a.pub': pem(0) })
    const verify = { provider: 'cosign', secretRef: { name: 'cosign' } }
    const digest = registry.push('org/signed', 'v1', await archiveOf({ 'x.txt': '1' }))
    signWith(0, 'org/signed', digest)
    await put('signed', { ref: { tag: 'v1' }, verify })
    const good = await ready('signed', `v1@${digest}`)
    expect(conditionOf(good, 'SourceVerified')).toMatchObject({
      status: 'True',
      reason: 'Succeeded',
      message: `verified signature of revision v1@${digest}`,
    })

    const second = registry.push('org/signed', 'v2', await archiveOf({ 'x.txt': '2' }))
    for (const attempt of [
      () => undefined,
      () => signWith(1, 'org/signed', second),
      () => signWith(0, 'org/signed', second, digest),
    ]) {
      attempt()
      await put('signed', { ref: { tag: 'v2' }, verify })
      await requestSource(world, 'OCIRepository', 'signed')
      const bad = await failed('signed', 'VerificationError')
      expect(conditionOf(bad, 'SourceVerified')).toMatchObject({
        status: 'False',
        message: `failed to verify the signature using provider 'cosign': no matching signatures were found for '${registry.host}/org/signed:v2'`,
      })
      expect(artifactIn(bad)?.revision).toBe(`v1@${digest}`)
    }
    signWith(0, 'org/signed', second)
    await requestSource(world, 'OCIRepository', 'signed', 'at last')
    await ready('signed', `v2@${second}`)
  })

  test('what this engine cannot check is refused by name', async () => {
    await put('keyless', { verify: { provider: 'cosign' } })
    expect(messageOf(await failed('keyless', 'UnsupportedField'))).toContain(
      'keyless signatures of cosign are not supported',
    )
    await put('notation', { verify: { provider: 'notation', secretRef: { name: 'cosign' } } })
    await failed('notation', 'UnsupportedField')
    await put('cloud', { provider: 'aws' })
    expect(conditionOf(await failed('cloud', 'UnsupportedField'), 'Stalled')?.status).toBe('True')
  })
})
