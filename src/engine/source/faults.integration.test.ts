import { randomBytes } from 'node:crypto'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { startForge } from '../../sandbox/forge/index.ts'
import { FaultyServer } from '../testing/faulty-server.ts'
import { artifactIn, putSource, requestSource, sourceHandled, sourceReady } from '../testing/sources.ts'
import { configMap, messageOf, World } from '../testing/world.ts'

// What goes wrong between the engine and a Git host, and what one bad object does to the others.
let world: World
let proxy: Server
/** Bytes of an answer with a pack that come through; the rest is cut. */
let cutAt: number | undefined
/** The byte of such an answer whose lowest bit is turned. */
let flipAt: number | undefined

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('app'), 'big.txt': noise(40_000) })
  proxy = faultyProxy()
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  await world.start()
})
afterAll(async () => {
  await world.close()
  proxy.close()
})

const through = () =>
  world.url.replace(/127\.0\.0\.1:\d+|localhost:\d+/, `127.0.0.1:${(proxy.address() as AddressInfo).port}`)

/** Text that does not compress, so that packs have a size. */
const noise = (length: number) => randomBytes(length).toString('base64')

/** Hands bytes on to the forge and back, and spoils the answer to a request for a pack (protocol v2: `command=fetch`). */
function faultyProxy(): Server {
  return createServer(client => {
    const target = new URL(world.url)
    const host = connect(Number(target.port), target.hostname)
    let wantsPack = false
    let seen = 0
    client.on('data', (chunk: Buffer) => {
      if (chunk.includes('command=fetch')) [wantsPack, seen] = [true, 0]
      host.write(chunk)
    })
    host.on('data', (chunk: Buffer) => {
      const bytes = Buffer.from(chunk)
      if (wantsPack && flipAt !== undefined && flipAt >= seen && flipAt < seen + bytes.length)
        bytes[flipAt - seen]! ^= 1
      const room = wantsPack && cutAt !== undefined ? Math.max(0, cutAt - seen) : bytes.length
      seen += bytes.length
      if (room > 0) client.write(bytes.subarray(0, room))
      if (room < bytes.length) {
        client.destroy()
        host.destroy()
      }
    })
    for (const [one, other] of [
      [client, host],
      [host, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.end())
    }
  })
}

describe('a Git host that fails', () => {
  test('in the middle of a pack, or with a turned bit: the last artifact stays, and the next fetch is whole', async () => {
    const first = await world.commit({ 'v.txt': '1' })
    await world.source({ url: through(), interval: '10m' }, 'cut')
    const before = artifactIn(await sourceReady(world, 'GitRepository', 'cut', `main@sha1:${first}`))
    const second = await world.commit({ 'v.txt': '2', 'big.txt': noise(60_000) })
    const places = [0, 1, 4, 300, 600, 5_000, 20_000, 30_000]
    const faults = [...places.map(at => ['cut', at] as const), ...places.slice(5).map(at => ['flip', at] as const)]
    let survived = 0
    for (const [kind, at] of faults) {
      cutAt = kind === 'cut' ? at : undefined
      flipAt = kind === 'flip' ? at : undefined
      await requestSource(world, 'GitRepository', 'cut', `${kind} ${at}`)
      const object = await sourceHandled(world, 'GitRepository', 'cut', `${kind} ${at}`)
      expect(artifactIn(object), `${kind} ${at}`).toEqual(before)
      expect(conditionOf(object, 'FetchFailed')?.status, `${kind} ${at}`).toBe('True')
      survived++
    }
    console.log(`survived ${survived} of ${faults.length} broken transfers`)
    cutAt = undefined
    flipAt = undefined
    await requestSource(world, 'GitRepository', 'cut', 'well')
    await sourceReady(world, 'GitRepository', 'cut', `main@sha1:${second}`)
  })

  test('by being gone: no repository, nobody there, a web page; each is named, and nothing is pruned', async () => {
    await world.source({}, 'fleet')
    await world.kustomization('app')
    await world.ready('app')
    const gone = await FaultyServer.start(() => ({ status: 404 }))
    await world.source({ url: `${gone.url}/octo/fleet.git` })
    expect(messageOf(await world.failed('fleet', 'GitOperationFailed', 'GitRepository'))).toContain(
      'has no such repository',
    )
    await gone.close()
    await world.source({ url: 'http://127.0.0.1:1/octo/fleet.git' }, 'nobody')
    expect(messageOf(await world.failed('nobody', 'GitOperationFailed', 'GitRepository'))).toContain(
      'cannot be reached',
    )
    await world.source({ url: 'http://127.0.0.1/x?y' }, 'address')
    expect(conditionOf(await world.failed('address', 'URLInvalid', 'GitRepository'), 'Stalled')?.status).toBe('True')
    await world.quiet()
    expect(await world.find('ConfigMap', 'app')).toBeDefined()
    expect(conditionOf(await world.find('Kustomization', 'app'), 'Ready')?.status).toBe('True')
  })

  test('by never answering: the timeout of the source ends it', async () => {
    const silent = createHttpServer(() => undefined)
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    try {
      await world.source(
        { url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x/y.git`, timeout: '1s' },
        'silent',
      )
      await world.failed('silent', 'GitOperationFailed', 'GitRepository')
    } finally {
      silent.closeAllConnections()
      silent.close()
    }
  })
})

describe('one bad object of each kind', () => {
  test('does not stop the others', async () => {
    const nobody = '127.0.0.1:1'
    await Promise.all([
      world.source({ url: `http://${nobody}/a/b.git`, timeout: '2s' }, 'bad'),
      putSource(world, 'OCIRepository', 'bad', { url: `oci://${nobody}/a/b`, insecure: true }),
      putSource(world, 'Bucket', 'bad', { bucketName: 'bad', endpoint: nobody, insecure: true }),
      putSource(world, 'HelmRepository', 'bad', { url: `http://${nobody}/` }),
      putSource(world, 'HelmChart', 'bad', { chart: 'x', sourceRef: { kind: 'HelmRepository', name: 'bad' } }),
    ])
    await Promise.all([
      world.failed('bad', 'GitOperationFailed', 'GitRepository'),
      world.failed('bad', 'OCIArtifactPullFailed', 'OCIRepository'),
      world.failed('bad', 'BucketOperationFailed', 'Bucket'),
      world.failed('bad', 'Failed', 'HelmRepository'),
      world.failed('bad', 'NoSourceArtifact', 'HelmChart'),
    ])
    const commit = await world.commit({ 'after.txt': '1' })
    await world.source({}, 'good')
    await sourceReady(world, 'GitRepository', 'good', `main@sha1:${commit}`)
  })
})
