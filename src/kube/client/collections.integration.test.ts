import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../object.ts'
import { fixedCredentials } from './access.ts'
import { createKubeClient } from './kube-client.ts'
import { discovery, json, type Script, ScriptedServer, status } from './testing/scripted-server.ts'
import type { KubeClient, WatchEvent } from './types.ts'

const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
const cleanUps: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const clean of cleanUps.splice(0)) await clean()
})

async function start(
  script: Script,
  clock?: { clock: Parameters<typeof createKubeClient>[1]['clock'] & {} },
): Promise<{ server: ScriptedServer; client: KubeClient }> {
  const server = await ScriptedServer.start(script)
  const client = createKubeClient(
    {
      name: 't',
      server: server.url,
      namespace: 'default',
      tls: { insecure: false },
      credentials: fixedCredentials({}),
    },
    { userAgent: 'test/1', ...clock },
  )
  cleanUps.push(
    () => client.close(),
    () => server.stop(),
  )
  return { server, client }
}

const item = (name: string) => ({ metadata: { name, namespace: 'd', resourceVersion: '1' } })

describe('list', () => {
  it('reads all pages and gives each item its kind', async () => {
    const { server, client } = await start((request, response) => {
      if (discovery(request, response)) return
      const { searchParams } = new URL(request.url, 'http://x')
      const second = searchParams.get('continue') === 'more/2'
      json(response, {
        kind: 'ConfigMapList',
        apiVersion: 'v1',
        metadata: { resourceVersion: '7', ...(second ? {} : { continue: 'more/2' }) },
        items: [item(second ? 'b' : 'a')],
      })
    })
    const { items, resourceVersion } = await client.list(kind, {
      namespace: 'd',
      labelSelector: 'a in (b,c)',
      limit: 1,
    })
    expect(items.map(i => [i.apiVersion, i.kind, i.metadata.name])).toEqual([
      ['v1', 'ConfigMap', 'a'],
      ['v1', 'ConfigMap', 'b'],
    ])
    expect(resourceVersion).toBe('7')
    expect(server.requests.at(-1)?.url).toBe(
      '/api/v1/namespaces/d/configmaps?labelSelector=a%20in%20(b%2Cc)&limit=1&continue=more%2F2',
    )
  })

  it('starts over without pages when the continue token has expired', async () => {
    const { client } = await start((request, response) => {
      if (discovery(request, response)) return
      if (request.url.includes('continue=')) return status(response, 410, 'Expired')
      const paged = request.url.includes('limit=')
      json(response, {
        metadata: { resourceVersion: '9', ...(paged ? { continue: 'x' } : {}) },
        items: paged ? [item('a')] : [item('a'), item('b')],
      })
    })
    expect((await client.list(kind)).items.map(i => i.metadata.name)).toEqual(['a', 'b'])
  })
})

describe('discovery', () => {
  it('asks once for many kinds at the same time, and again for an unknown kind only after two seconds', async () => {
    let now = 0
    const clock = { now: () => new Date(), monotonic: () => now, sleep: async () => {} }
    const { server, client } = await start((request, response) => void discovery(request, response), { clock })
    await Promise.all(Array.from({ length: 20 }, () => client.resourceFor(kind)))
    expect(server.requests).toHaveLength(2)
    const unknown = { apiVersion: 'x.y/v1', kind: 'Zed' }
    expect(await client.resourceFor(unknown)).toBeUndefined()
    expect(server.requests).toHaveLength(2)
    now = 2_000
    expect(await client.resourceFor(unknown)).toBeUndefined()
    expect(server.requests).toHaveLength(4)
    client.invalidateDiscovery()
    await client.resourceFor(kind)
    expect(server.requests).toHaveLength(6)
  })

  it('falls back to the old documents, and tells a group that does not answer from an unknown kind', async () => {
    const { client } = await start((request, response) => {
      const documents: Record<string, unknown> = {
        '/api': { kind: 'APIVersions', versions: ['v1'] },
        '/apis': {
          kind: 'APIGroupList',
          groups: [
            {
              name: 'metrics.k8s.io',
              versions: [{ groupVersion: 'metrics.k8s.io/v1' }],
              preferredVersion: { groupVersion: 'metrics.k8s.io/v1' },
            },
          ],
        },
        '/api/v1': {
          kind: 'APIResourceList',
          groupVersion: 'v1',
          resources: [
            { name: 'pods', kind: 'Pod', namespaced: true, verbs: ['get'], shortNames: ['po'] },
            { name: 'pods/status', kind: 'Pod', namespaced: true, verbs: ['get'] },
          ],
        },
      }
      const found = documents[request.url]
      if (found) json(response, found)
      else status(response, 500, 'InternalError')
    })
    expect(await client.resourceFor({ apiVersion: 'v1', kind: 'Pod' })).toMatchObject({
      plural: 'pods',
      singular: 'pod',
      subresources: ['status'],
      shortNames: ['po'],
    })
    await expect(
      client.get({ group: 'metrics.k8s.io', version: 'v1', kind: 'PodMetrics', namespace: 'a', name: 'b' }),
    ).rejects.toMatchObject({ code: 'E_KUBE_DISCOVERY' })
    await expect(client.list({ apiVersion: 'a.b/v1', kind: 'C' })).rejects.toMatchObject({
      code: 'E_KUBE_KIND_UNKNOWN',
    })
  })

  const reference = new URL('../../../../shared/data/kube-reference/discovery/', import.meta.url)
  it.skipIf(!existsSync(reference))('finds the same kinds in both forms of a real server’s documents', async () => {
    const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, reference), 'utf8'))
    const found = []
    for (const aggregated of [true, false]) {
      const { client } = await start((request, response) => {
        const name = request.url.slice(1).replaceAll('/', '.')
        json(response, read(aggregated ? `${name}.aggregated.json` : `${name}.json`))
      })
      found.push(
        (await client.resources()).map(
          r =>
            `${r.group}/${r.version} ${r.kind} ${r.plural} ${r.namespaced} ${r.singular} ${r.verbs} ${r.shortNames} ${r.subresources}`,
        ),
      )
    }
    expect(found[0]?.length).toBeGreaterThan(50)
    expect(found[0]?.toSorted()).toEqual(found[1]?.toSorted())
  })
})

describe('watch', () => {
  async function collect(client: KubeClient, signal = new AbortController().signal): Promise<WatchEvent[]> {
    const events: WatchEvent[] = []
    for await (const event of client.watch(kind, { resourceVersion: '5', timeoutSeconds: 9, signal }))
      events.push(event)
    return events
  }

  it('gives events however the stream is cut, and ends with the server', async () => {
    const lines = [
      { type: 'ADDED', object: { metadata: { name: 'é😀' } } },
      { type: 'BOOKMARK', object: { metadata: { resourceVersion: '9' } } },
      { type: 'ERROR', object: { kind: 'Status', code: 410 } },
    ]
    const bytes = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''))
    const { server, client } = await start(async (request, response) => {
      if (discovery(request, response)) return
      response.writeHead(200, { 'content-type': 'application/json' })
      for (let i = 0; i < bytes.length; i += 7) {
        response.write(bytes.subarray(i, i + 7))
        await new Promise(setImmediate)
      }
      response.end()
    })
    expect(await collect(client)).toEqual(lines)
    expect(server.requests.at(-1)?.url).toBe(
      '/api/v1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=9',
    )
  })

  it('ends quietly when it is aborted, and frees the connection', async () => {
    let closed = false
    const { client } = await start((request, response) => {
      if (discovery(request, response)) return
      response.on('close', () => (closed = true))
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .write(`${JSON.stringify({ type: 'ADDED', object: {} })}\n`)
    })
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 100)
    expect(await collect(client, stop.signal)).toHaveLength(1)
    // A reader that leaves has the same effect.
    closed = false
    for await (const event of client.watch(kind, { signal: new AbortController().signal })) {
      expect(event.type).toBe('ADDED')
      break
    }
    await expect.poll(() => closed).toBe(true)
  })

  it('throws when the connection breaks, when it is refused, and when something else answers', async () => {
    const fault = (script: Script) =>
      start((request, response, count) => (discovery(request, response) ? undefined : script(request, response, count)))
    const broken = await fault((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"type":"ADDED","object":{}}\n')
      setTimeout(() => response.socket?.destroy(), 20)
    })
    await expect(collect(broken.client)).rejects.toMatchObject({ code: 'E_KUBE_UNREACHABLE' })
    const gone = await fault((_, response) => status(response, 410, 'Expired'))
    await expect(collect(gone.client)).rejects.toMatchObject({ code: 'E_KUBE_GONE' })
    const busy = await fault((_, response) => response.writeHead(429, { 'retry-after': '3' }).end())
    await expect(collect(busy.client)).rejects.toMatchObject({
      code: 'E_KUBE_THROTTLED',
      facts: { details: { retryAfterMs: 3000 } },
    })
    const page = await fault((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'))
    await expect(collect(page.client)).rejects.toMatchObject({ code: 'E_KUBE_NOT_KUBERNETES' })
    const garbage = await fault((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('nonsense\n'),
    )
    await expect(collect(garbage.client)).rejects.toMatchObject({ code: 'E_KUBE_NOT_KUBERNETES' })
  })

  it('does not use up the connections for calls', async () => {
    const { client } = await start((request, response) => {
      if (discovery(request, response)) return
      if (request.url.includes('watch=')) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      else json(response, { metadata: {}, items: [] as KubeObject[] })
    })
    const stop = new AbortController()
    const watches = Array.from({ length: 50 }, () => collect(client, stop.signal))
    await client.list(kind, { timeoutMs: 5_000 })
    stop.abort()
    await Promise.all(watches)
  })
})
