import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { replaceGrants } from '../store/tables/grants.ts'
import { onBothStores } from '../store/testing/stores.ts'
import { endExpired } from './keep-alive.ts'
import { startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

interface Event {
  readonly event: string
  readonly id: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it
  readonly data: any
}

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Opens a stream; `next` gives one event after the other. */
async function listen(url: string, person: TestPerson, topics: string, after?: string) {
  const stop = new AbortController()
  ends.push(() => stop.abort())
  const response = await fetch(`${url}/api/v1/live?topics=${topics}`, {
    headers: { ...person.headers, ...(after === undefined ? {} : { 'last-event-id': after }) },
    signal: stop.signal,
  })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  return {
    response,
    stop: () => stop.abort(),
    async next(): Promise<Event | undefined> {
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end >= 0) {
          const block = text.slice(0, end)
          text = text.slice(end + 2)
          if (!block.startsWith('event:')) continue
          const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
          return { event: field('event'), id: field('id'), data: JSON.parse(field('data')) }
        }
        const { done, value } = await reader.read()
        if (done) return undefined
        text += value
      }
    },
  }
}

onBothStores('live events', stores => {
  const start = async (place?: Awaited<ReturnType<typeof stores.place>>) => {
    const one = await startTestServer({ place: place ?? (await stores.place()) })
    ends.push(() => one.close())
    return one
  }
  const shop = { project: 'shop', environment: 'prod' }

  it('bring what changed to those who may see it', async () => {
    const { url, server, person, administrator } = await start()
    const mine = await person('mine', [{ role: 'viewer', ...shop }])
    const others = await person('others', [{ role: 'viewer', project: 'bank', environment: '*' }])
    const [one, two, all] = [
      await listen(url, mine, 'applications'),
      await listen(url, others, 'applications,fleet'),
      await listen(url, administrator, 'applications/shop'),
    ]
    for (const stream of [one, two, all]) expect((await stream.next())?.event).toBe('ready')
    server.context.live.publish({ topic: 'applications/shop', scope: shop, data: { line: 'two\nlines' } })
    server.context.live.publish({ topic: 'applicationsX' })
    server.context.live.publish({ topic: 'fleet' })
    const expected = { event: 'change', data: { topic: 'applications/shop', data: { line: 'two\nlines' } } }
    expect(await one.next()).toMatchObject(expected)
    expect(await all.next()).toMatchObject(expected)
    expect(await two.next()).toMatchObject({ data: { topic: 'fleet' } })
  })

  it('go on after a gap where they ended, or say that everything has to be asked for again', async () => {
    const { url, server, administrator } = await start()
    const first = await listen(url, administrator, 'fleet')
    const ready = await first.next()
    first.stop()
    server.context.live.publish({ topic: 'fleet', data: 1 })
    const second = await listen(url, administrator, 'fleet', ready!.id)
    expect((await second.next())?.event).toBe('ready')
    expect(await second.next()).toMatchObject({ data: { data: 1 } })
    const stranger = await listen(url, administrator, 'fleet', 'ffffffffffff-3')
    expect((await stranger.next())?.event).toBe('reset')
    for (let i = 0; i < 2100; i++) server.context.live.publish({ topic: 'users' })
    const late = await listen(url, administrator, 'fleet', ready!.id)
    expect((await late.next())?.event).toBe('reset')
  })

  it('end when the person is signed out, and are refused for topics that are not theirs', async () => {
    const { url, person, administrator } = await start()
    const viewer = await person('vera', [{ role: 'viewer', project: 'shop', environment: '*' }])
    for (const [topics, status] of [
      ['audit', 403],
      ['nonsense', 400],
      ['job/none', 403],
      ['', 400],
    ] as const)
      expect((await viewer.call('GET', `/api/v1/live?topics=${topics}`)).status, topics).toBe(status)
    const stream = await listen(url, viewer, 'fleet')
    expect((await stream.next())?.event).toBe('ready')
    await administrator.call('DELETE', `/api/v1/users/${viewer.id}/sessions`)
    expect(await stream.next()).toBeUndefined()
  })

  it('reach 200 tabs', async () => {
    const { url, server, person } = await start()
    const people = await Promise.all(
      Array.from({ length: 5 }, (_, i) => person(`p${i}`, [{ role: 'viewer', ...shop }])),
    )
    const tabs = await Promise.all(Array.from({ length: 200 }, (_, i) => listen(url, people[i % 5]!, 'fleet')))
    for (const tab of tabs) await tab.next()
    server.context.live.publish({ topic: 'fleet', data: 'now' })
    expect((await Promise.all(tabs.map(tab => tab.next()))).every(event => event?.data.data === 'now')).toBe(true)
  })

  it.runIf(stores.kind === 'postgresql')('come from the other server of the store too', async () => {
    const place = await stores.place()
    const [one, other] = [await start(place), await start(place)]
    const stream = await listen(one.url, one.administrator, 'fleet')
    await stream.next()
    other.server.context.live.publish({ topic: 'fleet', data: 'from there' })
    expect(await stream.next()).toMatchObject({ data: { data: 'from there' } })
    other.server.context.live.publish({ topic: 'fleet', data: 'x'.repeat(20_000) })
    expect((await stream.next())?.data).not.toHaveProperty('data')
  })
})

it('let a tab go that does not keep up, and no other', async () => {
  const server = await startTestServer()
  ends.push(() => server.close())
  const { live } = server.server.context
  const fast = await listen(server.url, server.administrator, 'fleet')
  await fast.next()
  const slow = await listen(server.url, server.administrator, 'fleet')
  const data = 'x'.repeat(512 * 1024)
  for (let i = 0; i < 60 && live.dropped === 0; i++) {
    live.publish({ topic: 'fleet', data })
    await fast.next()
  }
  expect(live.dropped).toBe(1)
  expect(live.listeners).toBe(1)
  slow.stop()
  expect((await server.anonymous.call('GET', '/metrics')).text).toContain('sluice_live_dropped 1')
})

it('that are never read keep neither connections nor memory', async () => {
  const server = await startTestServer()
  ends.push(() => server.close())
  const { live } = server.server.context
  const { hostname, port } = new URL(server.url)
  const openSockets = () => process.getActiveResourcesInfo().filter(kind => kind === 'TCPSocketWrap').length
  const before = openSockets()
  const sockets = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect({ host: hostname, port: Number(port) })
      ends.push(() => socket.destroy())
      const cookie = server.administrator.headers['cookie']
      socket.write(`GET /api/v1/live?topics=fleet HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncookie: ${cookie}\r\n\r\n`)
      await once(socket, 'readable')
      return socket
    }),
  )
  expect(live.listeners).toBe(20)
  expect(openSockets() - before).toBe(40)
  const data = 'x'.repeat(512 * 1024)
  for (let i = 0; i < 60 && live.dropped < 20; i++) {
    live.publish({ topic: 'fleet', data })
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  expect(live.dropped).toBe(20)
  // Both ends are in this process: of 40 connections those of the clients are left, which nobody has read from yet.
  await expect.poll(() => openSockets() - before).toBe(sockets.length)
})

it('end when the rights of their person are others than when they began', async () => {
  const server = await startTestServer()
  ends.push(() => server.close())
  const { context } = server.server
  const viewer = await server.person('vera', [{ role: 'viewer', project: 'shop', environment: '*' }])
  const [own, other] = [
    await listen(server.url, viewer, 'applications'),
    await listen(server.url, server.administrator, 'applications'),
  ]
  for (const stream of [own, other]) await stream.next()
  await endExpired(context)
  context.live.publish({ topic: 'applications' })
  expect((await own.next())?.event).toBe('change')
  // As the issuer's groups do at a sign-in elsewhere: nobody tells the streams.
  await replaceGrants(context.store.db, viewer.id, 'local', [])
  await endExpired(context)
  expect(await own.next()).toBeUndefined()
  expect((await other.next())?.event).toBe('change')
  expect(context.live.listeners).toBe(1)
})

it('of a test server end with it', async () => {
  const server: TestServer = await startTestServer()
  const stream = await listen(server.url, server.administrator, 'fleet')
  await stream.next()
  await server.close()
  expect(await stream.next()).toBeUndefined()
})
