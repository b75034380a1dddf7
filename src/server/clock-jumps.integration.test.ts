import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idleMs, longestMs } from '../access/sessions.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { silentLogger } from '../base/log.ts'
import type { Proof } from '../connections/index.ts'
import { stateOf } from '../connections/state.ts'
import { Secret } from '../secrets/secret.ts'
import { listServers } from '../store/tables/servers.ts'
import { onBothStores } from '../store/testing/stores.ts'
import { keepProving } from './keep-proving.ts'
import { Members } from './members.ts'
import { Periodic } from './periodic.ts'
import { personOf, startTestServer, type TestServer, testPassword } from './testing/test-server.ts'

const dayMs = 86_400_000

/** The real time, but for what somebody set the wall clock to. */
class SetClock implements Clock {
  ahead = 0
  /** Milliseconds for which nothing ran and nothing was heard, by the clock that nobody sets. */
  passed = 0
  now = () => new Date(Date.now() + this.ahead)
  monotonic = () => systemClock.monotonic() + this.passed
  sleep = systemClock.sleep
}

describe('a wall clock that jumps', () => {
  const clock = new SetClock()
  let one: TestServer
  beforeAll(async () => {
    one = await startTestServer({ clock, beatEveryMs: 50 })
  })
  afterAll(() => one?.close())
  const signIn = () =>
    one.anonymous.call('POST', '/api/v1/session', { name: 'admin', password: testPassword }, { origin: one.url })
  /** Somebody who was signed in before may have been signed out by a day that has passed. */
  const administrator = async () => {
    const { users } = one.server.context.access
    const [admin] = (await users.list()).filter(user => user.name === 'admin')
    const session = await one.server.context.access.sessions.start(admin!.id, 'password', '127.0.0.1')
    const cookie = `sluice-${new URL(one.url).port}=${session}`
    return personOf(one.url, admin!.id, 'admin', { cookie })
  }
  const sessions = () => one.server.context.store.db.selectFrom('sessions').selectAll().execute()

  it('back by a day keeps people signed in, and their sessions for no longer than one that begins now', async () => {
    clock.ahead = dayMs
    const person = await one.person('early', [])
    clock.ahead = 0
    expect((await person.call('GET', '/api/v1/session')).status).toBe(200)
    const [row] = (await sessions()).filter(each => each.user_id === person.id)
    expect(Date.parse(row!.used_at)).toBeLessThanOrEqual(Date.now())
    expect(Date.parse(row!.ends_at)).toBeLessThanOrEqual(Date.now() + longestMs)
    clock.ahead = idleMs + 60_000
    expect((await person.call('GET', '/api/v1/session')).body).not.toMatchObject({ user: { name: 'early' } })
    clock.ahead = 0
  })

  it('back by a day lets nothing lie about that nobody uses: what was begun in the future is swept in time', async () => {
    clock.ahead = 30 * dayMs
    const person = await one.person('stolen', [])
    clock.ahead = 0
    const { access } = one.server.context
    await access.sessions.sweep()
    clock.ahead = idleMs + 60_000
    await access.sessions.sweep()
    expect((await sessions()).filter(each => each.user_id === person.id)).toEqual([])
    clock.ahead = 0
  })

  it('by a day in either direction locks nobody out: passwords, tokens and requests are taken', async () => {
    const { principal, server } = one
    const admin = await administrator()
    const owner = await principal(admin)
    const grants = [{ role: 'viewer', project: '*', environment: '*' }] as const
    const { token } = await server.context.access.tokens.create(owner, { name: 'ci', grants, days: 30 })
    for (const ahead of [-dayMs, dayMs, 0]) {
      clock.ahead = ahead
      const bearer = { authorization: `Bearer ${token.reveal()}` }
      expect((await one.anonymous.call('GET', '/api/v1/gate?project=a&environment=b', undefined, bearer)).status).toBe(
        200,
      )
      for (let turn = 0; turn < 3; turn++) expect((await signIn()).status).toBe(200)
    }
    expect((await (await administrator()).call('GET', '/api/v1/session')).status).toBe(200)
    const views = await server.context.access.tokens.list()
    expect(Date.parse(views[0]!.usedAt ?? '')).toBeLessThanOrEqual(Date.now())
  })

  it('does not end a token before its time, nor let it live on after it', async () => {
    const { principal, server } = one
    const owner = await principal(await administrator())
    const { token } = await server.context.access.tokens.create(owner, { name: 'short', grants: [], days: 2 })
    const known = async () => (await server.context.access.tokens.find(token.reveal())) !== undefined
    for (const [ahead, lives] of [
      [dayMs, true],
      [-dayMs, true],
      [3 * dayMs, false],
      [0, true],
    ] as const) {
      clock.ahead = ahead
      expect(await known()).toBe(lives)
    }
  })

  it('back by a day does not put off the next proof of a connection', async () => {
    const { connections, store } = one.server.context
    clock.ahead = dayMs
    const settings = {
      owner: 'acme',
      personal: false,
      repository: 'fleet',
      branch: 'main',
      repositoryTemplate: '{app}-config',
      visibility: 'private',
      review: 'auto',
    } as const
    const draft = { name: 'Away', kind: 'gitea', host: 'http://127.0.0.1:1', settings } as const
    const { id } = await connections.create({
      draft,
      credential: { kind: 'token', token: Secret.of('x'.repeat(40)) },
      by: 'admin',
    })
    await store.db.updateTable('periodic').set({ started_at: clock.now().toISOString() }).execute()
    clock.ahead = 0
    keepProving(one.server.context, 50)
    await expect
      .poll(async () => (await connections.get(id)).proof?.at, { timeout: 20_000 })
      .toSatisfy((at: string | undefined) => at !== undefined && Date.parse(at) <= Date.now())
  }, 30_000)
})

it('a token that had ended by this clock when its host took it is used on, and the clock is named', () => {
  const proof: Proof = {
    at: '2026-03-02T00:00:00.000Z',
    outcome: 'proven',
    lines: [],
    expiresAt: '2026-03-01T12:00:00.000Z',
  } as never
  const { state, reason } = stateOf({ proof, provenAt: proof.at }, new Date('2026-03-02T00:01:00Z'))
  expect(state).toBe('attention')
  expect(reason).toContain('clock')
  // One that ended since it was taken is over.
  const ended = { ...proof, expiresAt: '2026-03-02T00:00:30.000Z' } as never
  expect(stateOf({ proof: ended, provenAt: proof.at }, new Date('2026-03-02T00:01:00Z')).state).toBe('broken')
})

onBothStores('two servers of a store', stores => {
  it('that hear nothing for a while, like its database, take neither for dead', async () => {
    const store = await stores.open()
    const clock = new SetClock()
    const [a, b] = ['a', 'b'].map(id => new Members(store, clock, silentLogger, id, 1000)) as [Members, Members]
    await a.join()
    await store.db.insertInto('servers').values({ id: 'b', started_at: '', beat: 0 }).execute()
    for (const each of [a, b, a, b, a]) await each.beat()
    clock.passed += 60_000
    // The first one that gets through sees a number of the other that is a minute old.
    await a.beat()
    expect((await listServers(store.db)).map(({ id }) => id).sort()).toEqual(['a', 'b'])
    await b.beat()
    // One that is silent while the other one is not is gone.
    for (let beat = 0; beat < 8; beat++) {
      clock.passed += 1000
      await a.beat()
    }
    expect((await listServers(store.db)).map(({ id }) => id)).toEqual(['a'])
  })

  it('whose wall clock jumps by a day in either direction take neither for dead', async () => {
    const store = await stores.open()
    const clock = new SetClock()
    const [a, b] = ['a', 'b'].map(id => new Members(store, clock, silentLogger, id, 1000)) as [Members, Members]
    await a.join()
    await store.db.insertInto('servers').values({ id: 'b', started_at: '', beat: 0 }).execute()
    for (const ahead of [0, dayMs, -dayMs, 0]) {
      clock.ahead = ahead
      clock.passed += 1000
      await a.beat()
      await b.beat()
    }
    expect(await listServers(store.db)).toHaveLength(2)
  })

  it('go on with their periodic work when the clock has jumped back, one of them at a time', async () => {
    const store = await stores.open()
    const clock = new SetClock()
    clock.ahead = dayMs
    const stop = new AbortController()
    const parts = { store, clock, logger: silentLogger, signal: stop.signal }
    const turns: string[] = []
    let inside = 0
    let most = 0
    for (const serverId of ['a', 'b'])
      new Periodic({ ...parts, serverId }).add('look', 20, async () => {
        most = Math.max(most, ++inside)
        await systemClock.sleep(5)
        inside--
        turns.push(serverId)
      })
    await expect.poll(() => turns.length).toBeGreaterThan(0)
    clock.ahead = 0
    turns.length = 0
    await expect.poll(() => turns.length, { timeout: 5000 }).toBeGreaterThan(3)
    expect(most).toBe(1)
    stop.abort()
  })
})
