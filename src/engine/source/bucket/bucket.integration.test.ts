import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../../kube/condition.ts'
import { startCluster } from '../../../sandbox/cluster/start.ts'
import { startForge } from '../../../sandbox/forge/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import { BucketStandIn } from '../../testing/bucket.ts'
import { artifactIn, putSecret, putSource, requestSource, sourceHandled, sourceReady } from '../../testing/sources.ts'
import { configMap, messageOf, World } from '../../testing/world.ts'

// Bucket on a storage that speaks S3 and checks signatures.
let world: World
let storage: BucketStandIn

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'a.txt': '1' })
  storage = await BucketStandIn.start()
  await world.start()
})
afterAll(async () => {
  await world.close()
  await storage.close()
})
beforeEach(() => {
  storage.credentials = undefined
  storage.region = 'us-east-1'
  storage.server.fault = () => undefined
})

const put = (name: string, spec: object = {}) =>
  putSource(world, 'Bucket', name, { bucketName: name, endpoint: storage.server.host, insecure: true, ...spec })
const ready = (name: string, revision?: string) => sourceReady(world, 'Bucket', name, revision)
const failed = (name: string, reason: string) => world.failed(name, reason, 'Bucket')
const revisionOf = (objects: Readonly<Record<string, string>>) => {
  const lines = Object.keys(objects)
    .sort()
    .map(key => `${key} ${BucketStandIn.etag(objects[key]!)}\n`)
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`
}

describe('what a Bucket follows', () => {
  test('its objects: revision, artifact, conditions and event are those of Flux, and a Kustomization builds from it', async () => {
    const objects = {
      'app/a.yaml': configMap('from-bucket'),
      'app/b c+d.txt': '1',
      'z/ä&ö.txt': '2',
      'app/photo.png': 'p',
    }
    storage.fill('files', { ...objects, 'folder/': '' })
    await put('files')
    const object = await ready('files', revisionOf(objects))
    const hex = revisionOf(objects).slice(7)
    expect(artifactIn(object)).toMatchObject({
      path: `bucket/apps/files/${hex}.tar.gz`,
      url: `http://not-served.invalid/bucket/apps/files/${hex}.tar.gz`,
      digest: expect.stringMatching(/^sha256:/),
      size: expect.any(Number),
    })
    expect(messageOf(object)).toBe(`stored artifact: revision '${revisionOf(objects)}'`)
    expect(world.events.find(event => event.about.name === 'files')).toMatchObject({
      reason: 'NewArtifact',
      message: "stored artifact with 4 fetched files from 'files' bucket",
    })
    await world.kustomization('bucketed', { path: './app', sourceRef: { kind: 'Bucket', name: 'files' } })
    await world.ready('bucketed')
    expect(await world.find('ConfigMap', 'from-bucket')).toBeDefined()
  })

  test('a prefix, and what rules leave in; a changed object is a new revision', async () => {
    storage.fill('ruled', {
      'app/a.yaml': '1',
      'app/b.txt': '2',
      'app/c.md': '3',
      'other/d': '4',
      '.sourceignore': '*.txt\n',
    })
    await put('ruled', { prefix: 'app/', ignore: '*.md' })
    await ready('ruled', revisionOf({ 'app/a.yaml': '1' }))
    storage.fill('ruled', { 'app/a.yaml': 'new' })
    await requestSource(world, 'Bucket', 'ruled')
    await ready('ruled', revisionOf({ 'app/a.yaml': 'new' }))
  })

  test('nothing new fetches no object', async () => {
    storage.fill('calm', { a: '1' })
    await put('calm')
    await ready('calm')
    const from = storage.server.requests.length
    await requestSource(world, 'Bucket', 'calm', 'again')
    await sourceHandled(world, 'Bucket', 'calm', 'again')
    expect(
      storage.server.requests
        .slice(from)
        .map(({ path }) => path)
        .filter(path => path === '/calm/a'),
    ).toEqual([])
  })
})

describe('logins', () => {
  const keys = { accesskey: 'AKIDEXAMPLE', secretkey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' }

  test('keys of a Secret, in the region of the bucket, whether it is named or not', async () => {
    storage.credentials = { accessKey: keys.accesskey, secretKey: Secret.of(keys.secretkey) }
    storage.region = 'eu-west-3'
    storage.fill('signed', { 'a b/ü+(1).txt': '1' })
    await putSecret(world, 'keys', keys)
    await put('signed', { secretRef: { name: 'keys' } })
    await ready('signed', revisionOf({ 'a b/ü+(1).txt': '1' }))
    await put('named', { bucketName: 'signed', secretRef: { name: 'keys' }, region: 'eu-west-3' })
    await ready('named')
    await putSecret(world, 'bad-keys', { accesskey: keys.accesskey, secretkey: 'wrong-wrong-wrong' })
    await put('refused', { bucketName: 'signed', secretRef: { name: 'bad-keys' }, region: 'eu-west-3' })
    expect(messageOf(await failed('refused', 'AuthenticationFailed'))).toContain(
      "failed to confirm existence of 'signed' bucket",
    )
    await putSecret(world, 'half', { accesskey: 'x' })
    await put('half', { secretRef: { name: 'half' } })
    expect(messageOf(await failed('half', 'AuthenticationFailed'))).toBe(
      "invalid 'half' secret data: required fields 'accesskey' and 'secretkey'",
    )
  })

  test('keys for a while, from a service that knows names of LDAP', async () => {
    storage.credentials = {
      accessKey: 'STS1',
      secretKey: Secret.of('sts-secret-key-1'),
      sessionToken: Secret.of('session-token-1'),
    }
    storage.sts = form =>
      form.get('LDAPUsername') === 'ann' && form.get('LDAPPassword') === 'her-password'
        ? {
            status: 200,
            body: '<R><AccessKeyId>STS1</AccessKeyId><SecretAccessKey>sts-secret-key-1</SecretAccessKey><SessionToken>session-token-1</SessionToken></R>',
          }
        : { status: 403 }
    storage.fill('ldap', { a: '1' })
    await putSecret(world, 'ldap', { username: 'ann', password: 'her-password' })
    await put('ldap', { sts: { provider: 'ldap', endpoint: `${storage.server.url}/sts`, secretRef: { name: 'ldap' } } })
    await ready('ldap')
  })
})

describe('when the storage fails', () => {
  test('cut, turned, gone or slow down: the last artifact stays', async () => {
    storage.fill('faulty', { a: 'one', b: 'two' })
    await put('faulty')
    const before = artifactIn(await ready('faulty'))
    storage.fill('faulty', { a: 'three', b: 'two' })
    const steps = [
      () => (storage.server.fault = ({ path }) => (path === '/faulty/a' ? { kind: 'cut', at: 2 } : undefined)),
      () => (storage.server.fault = () => ({ kind: 'status', status: 503, headers: { 'retry-after': '1' } })),
      () => storage.fill('other', {}),
    ]
    for (const [at, step] of steps.slice(0, 2).entries()) {
      step()
      await requestSource(world, 'Bucket', 'faulty', `fault ${at}`)
      const object = await sourceHandled(world, 'Bucket', 'faulty', `fault ${at}`)
      expect(conditionOf(object, 'Ready')?.reason).toBe('BucketOperationFailed')
      expect(artifactIn(object)).toEqual(before)
    }
    storage.server.fault = () => undefined
    await requestSource(world, 'Bucket', 'faulty', 'well')
    await ready('faulty', revisionOf({ a: 'three', b: 'two' }))
  })

  test('a missing bucket, hostile keys and other APIs are named', async () => {
    await put('missing')
    expect(messageOf(await failed('missing', 'BucketOperationFailed'))).toBe("bucket 'missing' does not exist")
    storage.fill('hostile', { '../../etc/passwd': 'x' })
    await put('hostile')
    await failed('hostile', 'BucketOperationFailed')
    storage.fill('both', { a: '1', 'a/b': '2' })
    await put('both')
    expect(messageOf(await failed('both', 'BucketOperationFailed'))).toContain("'a' is a file and a folder")
    await put('google', { provider: 'gcp' })
    expect(conditionOf(await failed('google', 'UnsupportedField'), 'Stalled')?.status).toBe('True')
    await put('amazon', { provider: 'aws' })
    await failed('amazon', 'UnsupportedField')
    await put('weird', { endpoint: 'a/b' })
    await failed('weird', 'URLInvalid')
  })
})
