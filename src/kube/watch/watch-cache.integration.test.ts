import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from '../../sandbox/cluster/start.ts'
import { fixedCredentials } from '../client/access.ts'
import { createKubeClient } from '../client/kube-client.ts'
import type { KubeClient } from '../client/types.ts'
import type { KubeObject } from '../object.ts'
import { WatchCache } from './watch-cache.ts'

const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
const configMap = (name: string, value = 'x'): KubeObject => ({
  ...kind,
  metadata: { name, namespace: 'default' },
  data: { value },
})
const ref = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name })
const soon = () => AbortSignal.timeout(10_000)

function connect({ url, caPem, adminToken }: SandboxCluster): KubeClient {
  return createKubeClient(
    {
      name: 't',
      server: url,
      namespace: 'default',
      tls: { ca: caPem, insecure: false },
      credentials: fixedCredentials({ token: adminToken }),
    },
    { userAgent: 'test/1' },
  )
}

describe('WatchCache', () => {
  let cluster: SandboxCluster
  let client: KubeClient
  let cache: WatchCache
  let listings: string[]

  beforeAll(async () => {
    cluster = await startCluster()
    client = connect(cluster)
  })
  afterAll(async () => {
    await client?.close()
    await cluster?.close()
  })
  beforeEach(() => {
    listings = []
    cache = new WatchCache(client, {
      lingerMs: 200,
      onTransition: (watched, state) => {
        if (state === 'listing') listings.push(watched.kind)
      },
    })
  })
  afterEach(() => cache.stop())

  it('lists a kind once for all who look at it', async () => {
    const informers = Array.from({ length: 5 }, () => cache.informer(kind))
    await Promise.all(informers.map(informer => informer.synced))
    expect(await cache.get(ref('nothing'))).toBeUndefined()
    expect(listings).toEqual(['ConfigMap'])
  })

  it('ends a view without disturbing the others', async () => {
    const first = cache.informer(kind)
    const second = cache.informer(kind)
    await first.synced
    const seen: string[] = []
    first.subscribe(() => seen.push('first'))
    second.subscribe(() => seen.push('second'))
    first.stop()
    await client.apply(configMap('views'), { fieldManager: 't' })
    await expect.poll(() => seen).toEqual(['second'])
  })

  it('stops watching a while after the last user has let go, and starts again when asked', async () => {
    cache.informer(kind).stop()
    await new Promise(resolve => setTimeout(resolve, 500))
    await cache.get(ref('nothing'))
    expect(listings).toEqual(['ConfigMap', 'ConfigMap'])
  })

  it('waits for what becomes true, without polling', async () => {
    const changed = cache.waitFor(ref('w'), object => (object?.['data'] as { value?: string })?.value === '2', soon())
    await client.apply(configMap('w', '1'), { fieldManager: 't' })
    await client.apply(configMap('w', '2'), { fieldManager: 't' })
    expect(await changed).toMatchObject({ data: { value: '2' } })
    const deleted = cache.waitFor(ref('w'), object => object === undefined, soon())
    expect(await client.delete(ref('w'))).toBe(true)
    expect(await deleted).toBeUndefined()
  })

  it('gives what holds already at once', async () => {
    await client.apply(configMap('there'), { fieldManager: 't' })
    expect((await cache.waitFor(ref('there'), object => object !== undefined, soon()))?.metadata.name).toBe('there')
  })

  it('gives up a wait on its signal, on a fault of the predicate and when it is stopped', async () => {
    await expect(cache.waitFor(ref('never'), () => false, AbortSignal.timeout(300))).rejects.toMatchObject({
      code: 'E_ABORTED',
      message: expect.stringContaining('waiting for ConfigMap/default/never'),
    })
    const fault = new Error('predicate')
    const failing = cache.waitFor(
      ref('never'),
      () => {
        throw fault
      },
      soon(),
    )
    await expect(failing).rejects.toBe(fault)
    const stopped = cache.waitFor(ref('never'), () => false, soon())
    await cache.get(ref('never'))
    cache.stop()
    await expect(stopped).rejects.toMatchObject({ code: 'E_ABORTED' })
    await expect(cache.get(ref('never'))).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})

describe('a watch over restarts of the server', () => {
  it('misses no change and reports none twice', async () => {
    const { mkdtempSync, rmSync } = await import('node:fs')
    const { tmpdir } = await import('node:os')
    const dataDir = mkdtempSync(`${tmpdir()}/sluice-watch-`)
    let cluster = await startCluster({ dataDir })
    const { port } = cluster
    const client = connect(cluster)
    const cache = new WatchCache(client)
    try {
      const informer = cache.informer(kind)
      await informer.synced
      const seen: string[] = []
      informer.subscribe(event => seen.push(`${event.type} ${event.object.metadata.name}`))
      for (let round = 0; round < 3; round++) {
        await client.apply(configMap(`before-${round}`), { fieldManager: 't' })
        await cluster.close()
        cluster = await startCluster({ dataDir, port })
        await client.apply(configMap(`after-${round}`), { fieldManager: 't' })
      }
      const expected = [0, 1, 2].flatMap(round => [`added before-${round}`, `added after-${round}`])
      // After a list, changes come in the order of the list.
      await expect.poll(() => seen.toSorted(), { timeout: 20_000 }).toEqual(expected.toSorted())
    } finally {
      cache.stop()
      await client.close()
      await cluster.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
