import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { asStoreError } from '../store/index.ts'
import { insertServer, listServers } from '../store/tables/servers.ts'
import { postgresPrograms, startTestPostgres, type TestPostgres } from '../store/testing/postgres.ts'
import type { RunningJob } from './jobs/jobs.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const beatEveryMs = 100

describe.skipIf(postgresPrograms() === undefined)('two servers whose PostgreSQL goes away', () => {
  let postgres: TestPostgres
  let one: TestServer
  let other: TestServer
  const tabs = new AbortController()

  beforeAll(async () => {
    postgres = (await startTestPostgres())!
    const place = { url: await postgres.database() }
    const keys = [{ name: 'test', key: Secret.of(randomBytes(32).toString('base64')) }]
    one = await startTestServer({ place, keys, beatEveryMs })
    other = await startTestServer({ place, keys, beatEveryMs })
  }, 60_000)
  afterAll(async () => {
    tabs.abort()
    await one?.close()
    await other?.close()
    await postgres?.close()
  })

  /** A tab; gives what it has heard so far. */
  async function tabOf({ url, administrator }: TestServer): Promise<{ heard: string; ended: boolean }> {
    const { headers } = administrator
    const { body, status } = await fetch(`${url}/api/v1/live?topics=users`, { headers, signal: tabs.signal })
    expect(status).toBe(200)
    const tab = { heard: '', ended: false }
    const read = async () => {
      for await (const text of body!.pipeThrough(new TextDecoderStream())) tab.heard += text
      tab.ended = true
    }
    void read().catch(() => {})
    return tab
  }
  it('outlive a connection that is ended between two queries of a transaction', async () => {
    const { store } = one.server.context
    const half = store.transaction(async tx => {
      const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx)
      await insertServer(tx, 'half', 'x')
      const { pid } = rows[0]!
      const lives = async () => (await sql`SELECT 1 FROM pg_stat_activity WHERE pid = ${pid}`.execute(store.db)).rows
      await sql`SELECT pg_terminate_backend(${pid})`.execute(other.server.context.store.db)
      await expect.poll(lives).toEqual([])
      await insertServer(tx, 'rest', 'x')
    })
    expect(asStoreError(await half.catch(error => error))).toMatchObject({ code: 'E_STORE_UNREACHABLE' })
    const ids = (await listServers(store.db)).map(({ id }) => id)
    expect(ids).not.toContain('half')
    expect(ids).toHaveLength(2)
  }, 30_000)

  const silences = ({ log }: TestServer) => log.filter(line => line.includes('sign of life')).length

  it('say so while it is away; their tabs stay and hear of the gap, their jobs end as they did, and neither takes the other for dead', async () => {
    const seen = [await tabOf(one), await tabOf(other)]
    const gates: (() => void)[] = []
    const who = await one.principal(one.administrator)
    const job = await one.server.context.jobs.start({
      kind: 'test.work',
      object: 'thing',
      who,
      steps: [{ id: 'commit', title: 'Commit' }],
      resume: { size: 3 },
      run: async (running: RunningJob) => {
        await running.during('commit', () => new Promise<void>(resolve => gates.push(resolve)))
        await running.remember({ commit: 'abc' })
        running.note({ commit: 'abc' })
        return { commit: 'abc' }
      },
    })
    await expect.poll(() => gates.length).toBe(1)
    await postgres.stop()
    const away = await one.administrator.call('GET', '/api/v1/session')
    expect(away).toMatchObject({ status: 503, body: { error: { code: 'E_STORE_UNREACHABLE' } } })
    expect((await one.administrator.call('GET', '/readyz')).status).toBe(503)
    expect((await one.administrator.call('GET', '/healthz')).status).toBe(200)
    const wish = { name: 'late', password: 'a long password', grants: [] }
    expect((await one.administrator.call('POST', '/api/v1/users', wish)).status).toBe(503)
    gates[0]!()
    // Away for longer than it takes to be taken for dead.
    await expect.poll(() => silences(one) > 8 && silences(other) > 8, { timeout: 20_000 }).toBe(true)
    await postgres.start()

    const end = async () => (await other.administrator.call('GET', `/api/v1/jobs/${job.id}`)).body
    await expect.poll(end, { timeout: 30_000 }).toMatchObject({ state: 'done', result: { commit: 'abc' } })
    const { entries } = (await other.administrator.call('GET', '/api/v1/audit?action=test.work')).body
    expect(entries).toMatchObject([{ outcome: 'done', commit: 'abc', detail: { job: job.id } }])
    expect((await other.administrator.call('GET', '/api/v1/users')).text).not.toContain('late')
    for (const tab of seen) {
      await expect.poll(() => tab.heard, { timeout: 20_000 }).toContain('event: reset')
      expect(tab.ended).toBe(false)
    }
    expect((await one.administrator.call('POST', '/api/v1/users', wish)).status).toBe(201)
    for (const tab of seen) await expect.poll(() => tab.heard, { timeout: 20_000 }).toContain('"topic":"users"')
    expect(await listServers(one.server.context.store.db)).toHaveLength(2)
    for (const { log } of [one, other]) expect(log.join('')).not.toMatch(/is gone|for gone/)
  }, 90_000)
})
