import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { fixedCredentials } from '../client/access.ts'
import { createKubeClient } from '../client/kube-client.ts'
import { discovery, json, ScriptedServer, type SeenRequest, status } from '../client/testing/scripted-server.ts'
import type { KubeClient } from '../client/types.ts'
import { createInformer } from './informer.ts'
import type { CacheEvent, InformerOptions } from './types.ts'

const kind = { apiVersion: 'v1', kind: 'ConfigMap' }
const cleanUps: (() => unknown)[] = []

afterEach(async () => {
  for (const clean of cleanUps.splice(0).toReversed()) await clean()
})

type Answer = (response: ServerResponse, request: SeenRequest) => unknown

/** A server whose lists and watches answer in turn as told; the last answer of each stays. */
async function start(
  lists: Answer[],
  watches: Answer[],
  before?: (request: SeenRequest, response: ServerResponse) => boolean,
) {
  const server = await ScriptedServer.start((request, response) => {
    if (before?.(request, response) || discovery(request, response)) return
    const answers = request.url.includes('watch=') ? watches : lists
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    return answer?.(response, request)
  })
  const client = createKubeClient(
    {
      name: 't',
      server: server.url,
      namespace: 'default',
      tls: { insecure: false },
      credentials: fixedCredentials({}),
    },
    { userAgent: 'test/1' },
  )
  cleanUps.push(
    () => server.stop(),
    () => client.close(),
  )
  return { server, client, watchesFrom: () => from(server) }
}

/** The versions that watches were started from. */
function from(server: ScriptedServer): (string | null)[] {
  return server.requests
    .filter(r => r.url.includes('watch='))
    .map(r => new URL(r.url, 'http://x').searchParams.get('resourceVersion'))
}

function observe(client: KubeClient, options: InformerOptions = {}) {
  const states: string[] = []
  const seen: string[] = []
  const informer = createInformer(client, kind, { ...options, onTransition: state => states.push(state) })
  informer.subscribe((event: CacheEvent) =>
    seen.push(`${event.type} ${event.object.metadata.name}@${event.object.metadata.resourceVersion}`),
  )
  cleanUps.push(() => informer.stop())
  return { informer, states, seen }
}

const object = (name: string, version: number) => ({
  ...kind,
  metadata: { name, namespace: 'd', uid: name, resourceVersion: `${version}` },
})
const list =
  (version: number, ...items: object[]): Answer =>
  response =>
    json(response, { metadata: { resourceVersion: `${version}` }, items })
const line = (type: string, value: object) => `${JSON.stringify({ type, object: value })}\n`
const bookmark = (version: number) => line('BOOKMARK', { ...kind, metadata: { resourceVersion: `${version}` } })
const gone = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
const stream =
  (text: string, end: 'ends' | 'stays' | 'breaks' = 'stays'): Answer =>
  response => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    if (text) response.write(text)
    if (end === 'ends') setTimeout(() => response.end(), 20)
    if (end === 'breaks') setTimeout(() => response.socket?.destroy(), 20)
  }

describe('an informer', () => {
  it('lists, then watches from where the list ended, and follows changes', async () => {
    const changes = line('ADDED', object('b', 6)) + line('MODIFIED', object('a', 7)) + line('DELETED', object('b', 8))
    const { client, watchesFrom } = await start([list(5, object('a', 1))], [stream(changes)])
    const { informer, seen } = observe(client)
    await informer.synced
    await expect.poll(() => seen).toEqual(['added a@1', 'added b@6', 'modified a@7', 'deleted b@8'])
    expect(informer.resource.plural).toBe('configmaps')
    expect([
      informer.list().length,
      informer.get('d', 'a')?.metadata.resourceVersion,
      informer.resourceVersion,
    ]).toEqual([1, '7', '8'])
    expect(watchesFrom()).toEqual(['5'])
  })

  it.each(['ends', 'breaks'] as const)(
    'goes on from the last version, bookmarks included, when the watch %s',
    async how => {
      const { server, client, watchesFrom } = await start(
        [list(5)],
        [stream(line('ADDED', object('a', 6)) + bookmark(9), how), stream(line('ADDED', object('b', 10)))],
      )
      const { seen } = observe(client)
      await expect.poll(() => seen).toEqual(['added a@6', 'added b@10'])
      expect(watchesFrom()).toEqual(['5', '9'])
      expect(server.requests.filter(r => r.url.includes('limit='))).toHaveLength(1)
    },
  )

  it.each([
    ['in the stream', stream(gone, 'ends')],
    ['as an answer', (response: ServerResponse) => status(response, 410, 'Expired')],
  ])('lists again after 410 %s and reports only what really changed', async (_, answer) => {
    const { client, watchesFrom } = await start(
      [
        list(5, object('a', 1), object('b', 2), object('c', 3)),
        list(50, object('a', 1), object('b', 40), object('d', 41)),
      ],
      [answer, stream('')],
    )
    const { informer, seen, states } = observe(client)
    await informer.synced
    await expect.poll(() => watchesFrom()).toEqual(['5', '50'])
    expect(seen.slice(3)).toEqual(['modified b@40', 'added d@41', 'deleted c@3'])
    expect(states).toEqual(['listing', 'watching', 'gone', 'listing', 'watching'])
  })

  it('keeps what it has while lists fail, and deletes nothing', async () => {
    const { informer, seen } = observe(
      (
        await start(
          [list(5, object('a', 1)), response => status(response, 500, 'InternalError'), list(6, object('a', 1))],
          [stream(gone, 'ends'), stream(line('ADDED', object('b', 7)))],
        )
      ).client,
    )
    await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['added a@1', 'added b@7'])
    expect(informer.list()).toHaveLength(2)
  })

  it('opens a silent watch anew, from the last version', async () => {
    const { client, watchesFrom } = await start([list(5)], [stream(bookmark(8)), stream(line('ADDED', object('a', 9)))])
    const { seen } = observe(client, { idleTimeoutMs: 150 })
    await expect.poll(() => seen).toEqual(['added a@9'])
    expect(watchesFrom().slice(0, 2)).toEqual(['5', '8'])
  })

  it('takes no harm from duplicates and events out of order', async () => {
    const odd = [6, 8, 7, 8].map(version => line('MODIFIED', object('a', version))).join('')
    const { client } = await start(
      [list(5)],
      [stream(odd + line('ADDED', object('z', 9)) + line('ADDED', object('y', 7)))],
    )
    const { informer, seen } = observe(client)
    await expect.poll(() => seen).toEqual(['added a@6', 'modified a@8', 'added z@9', 'added y@7'])
    expect(informer.resourceVersion).toBe('9')
  })

  it('lists again when the server does not know the version yet', async () => {
    const future = (response: ServerResponse) =>
      status(response, 504, 'Timeout', 'Too large resource version: 5, current: 3')
    const { client, watchesFrom } = await start(
      [list(5, object('a', 1)), list(3, object('a', 1))],
      [future, stream('')],
    )
    const { seen } = observe(client)
    await expect.poll(() => watchesFrom(), { timeout: 5_000 }).toEqual(['5', '3'])
    expect(seen).toEqual(['added a@1'])
  })

  it('waits for a kind that is not there yet', async () => {
    let installed = false
    const { client } = await start([list(5, object('a', 1))], [stream('')], (request, response) => {
      if (installed || !request.url.startsWith('/api')) return false
      json(response, { kind: 'APIGroupDiscoveryList', items: [] })
      return true
    })
    const { informer } = observe(client)
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(informer.hasSynced).toBe(false)
    expect(() => informer.resource).toThrow(/does not know this kind/)
    installed = true
    await informer.synced
    expect(informer.list()).toHaveLength(1)
  }, 20_000)

  it('does not hammer a server that hangs up at once', async () => {
    const { client, watchesFrom } = await start([list(5)], [stream('', 'ends')])
    observe(client)
    await new Promise(resolve => setTimeout(resolve, 1_500))
    expect(watchesFrom().length).toBeLessThan(8)
  })

  it('goes on when a listener throws', async () => {
    const { client } = await start([list(5)], [stream(line('ADDED', object('a', 6)) + line('ADDED', object('b', 7)))])
    const { informer, seen } = observe(client)
    informer.subscribe(() => {
      throw new Error('listener')
    })
    await expect.poll(() => seen).toHaveLength(2)
  })

  it('takes out parts of objects before they are kept', async () => {
    const { client } = await start(
      [list(5, { ...object('a', 1), data: { a: 'b' } })],
      [stream(line('ADDED', { ...object('b', 6), data: {} }))],
    )
    const { informer, seen } = observe(client, { transform: ({ data: _, ...rest }) => rest as never })
    await expect.poll(() => seen).toHaveLength(2)
    expect(informer.list().map(o => 'data' in o)).toEqual([false, false])
  })

  it('asks nothing more once it is stopped, and lets waiters know', async () => {
    const { server, client } = await start([response => void response], [stream('')])
    const { informer } = observe(client)
    await expect.poll(() => server.requests.length).toBe(3)
    informer.stop()
    await expect(informer.synced).rejects.toMatchObject({ code: 'E_ABORTED' })
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(server.requests).toHaveLength(3)
  })
})
