import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertAudit } from '../store/tables/audit.ts'
import type { NewJob } from './jobs/jobs.ts'
import { startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

const filler = {
  at: 'x',
  who_id: '',
  who: 'filler',
  via: '',
  address: '',
  action: 'filler',
  object: '',
  project: null,
  environment: null,
  outcome: 'done',
  commit_id: null,
  request_id: '',
} as const

let one: TestServer
let operator: TestPerson

beforeAll(async () => {
  one = await startTestServer({ beatEveryMs: 50 })
  operator = await one.person('op', [{ role: 'operator', project: '*', environment: '*' }])
})
afterAll(() => one?.close())

const db = () => one.server.context.store.db
const health = async () => (await one.anonymous.call('GET', '/healthz')).text
const entries = async (action: string) =>
  (await one.administrator.call('GET', `/api/v1/audit?action=${action}`)).body.entries
const jobNow = async (id: string) => (await one.administrator.call('GET', `/api/v1/jobs/${id}`)).body
const begin = async (run: NewJob['run'], kind: string) =>
  one.server.context.jobs.start({ kind, object: 'thing', who: await one.principal(operator), steps: [], run })

/** The file may grow no more, and what is free in it is used up: SQLITE_FULL, as on a disk without room. */
async function full(): Promise<void> {
  await sql`PRAGMA max_page_count = 1`.execute(db())
  for (const length of [3000, 100, 1]) {
    for (;;) {
      const error = await insertAudit(db(), { ...filler, detail: 'x'.repeat(length) }).catch((e: Error) => e)
      if (error instanceof Error) break
    }
  }
}
const room = () => sql`PRAGMA max_page_count = 1000000`.execute(db())
const readOnly = () => sql`PRAGMA query_only = ON`.execute(db())
const writable = () => sql`PRAGMA query_only = OFF`.execute(db())

describe.each([
  { fault: 'has no room', words: 'its disk is full', begins: full, ends: room },
  { fault: 'is read-only', words: 'its file cannot be written', begins: readOnly, ends: writable },
])('a database that $fault', ({ words, begins, ends }) => {
  it('holds back the end of a job until it is written together with its audit entry; pages can be read meanwhile', async () => {
    const kind = `test.${words.replaceAll(' ', '-')}`
    let release = (): void => {}
    const job = await begin(async running => {
      running.step('work', { state: 'running' })
      await new Promise<void>(resolve => {
        release = resolve
      })
      await running.remember({ made: true })
      return { made: true }
    }, kind)
    await begins()
    release()
    await expect.poll(health).toBe(`ok, but the database takes no writes: ${words}\n`)
    expect(await jobNow(job.id)).toMatchObject({ state: 'running' })
    expect(await entries(kind)).toEqual([])
    // A session that was not used for a while is written down at its next use: looking works all the same.
    const day = new Date(Date.now() - 3_600_000).toISOString()
    await ends()
    await db().updateTable('sessions').set({ used_at: day }).execute()
    await begins()
    expect((await one.administrator.call('GET', '/api/v1/session')).status).toBe(200)
    expect(await jobNow(job.id)).toMatchObject({ state: 'running' })
    const metrics = await one.administrator.call('GET', '/metrics')
    expect(metrics.text).toContain('sluice_store_writable 0')
    await ends()
    await expect
      .poll(() => jobNow(job.id), { timeout: 20_000 })
      .toMatchObject({ state: 'done', result: { made: true } })
    expect(await entries(kind)).toMatchObject([{ outcome: 'done', who: 'op', detail: { job: job.id } }])
    await expect.poll(health, { timeout: 20_000 }).toBe('ok\n')
  }, 60_000)

  it('makes nothing that it cannot write down, says why, and makes it when there is room', async () => {
    await begins()
    const name = `late-${words.length}`
    const wish = { name, password: 'a long password', grants: [] }
    const refused = await one.administrator.call('POST', '/api/v1/users', wish)
    expect(refused).toMatchObject({ status: 503, body: { error: { code: 'E_STORE_UNREACHABLE', seen: words } } })
    await expect(begin(async () => 1, 'test.never')).rejects.toThrow()
    await ends()
    expect((await one.administrator.call('GET', '/api/v1/users')).text).not.toContain(name)
    expect((await one.administrator.call('GET', '/api/v1/jobs?kind=test.never')).body.jobs).toEqual([])
    await expect.poll(health, { timeout: 20_000 }).toBe('ok\n')
    expect((await one.administrator.call('POST', '/api/v1/users', wish)).status).toBe(201)
  }, 60_000)
})

it('a change that is made but cannot be written into the audit log is told, and its entry comes once that works', async () => {
  const victim = await one.person('victim', [])
  await sql`CREATE TRIGGER no_room BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END`.execute(db())
  const told = await one.administrator.call('PUT', `/api/v1/users/${victim.id}/disabled`, { disabled: true })
  expect(told.status, told.text).toBe(503)
  expect(told.body.error.seen).toContain('what was asked for is done')
  expect((await one.administrator.call('GET', '/api/v1/users')).text).toContain('"disabled":true')
  await sql`DROP TRIGGER no_room`.execute(db())
  await expect
    .poll(() => entries('user.disable'), { timeout: 20_000 })
    .toMatchObject([{ outcome: 'done', who: 'admin' }])
}, 60_000)
