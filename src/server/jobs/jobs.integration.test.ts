import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, expect, it } from 'vitest'
import { SluiceError } from '../../base/errors/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { insertServer } from '../../store/tables/servers.ts'
import { onBothStores } from '../../store/testing/stores.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'
import type { NewJob } from './jobs.ts'

const open: TestServer[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

const shop = { project: 'shop', environment: 'prod' }
const steps = [
  { id: 'one', title: 'First' },
  { id: 'two', title: 'Second' },
]

onBothStores('a job', stores => {
  const start = async (place?: Awaited<ReturnType<typeof stores.place>>) => {
    const one = await startTestServer({ place: place ?? (await stores.place()) })
    open.push(one)
    return one
  }
  const begin = async (one: TestServer, run: NewJob['run'], more: Partial<NewJob> = {}) => {
    const who = await one.principal(one.administrator)
    return one.server.context.jobs.start({ kind: 'test.work', object: 'thing', who, steps, scope: shop, run, ...more })
  }
  const ended = async (one: TestServer, id: string) => {
    for (;;) {
      const { body } = await one.administrator.call('GET', `/api/v1/jobs/${id}`)
      if (body.state !== 'running') return body
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  it('tells its steps and its result, and leaves an audit entry', async () => {
    const one = await start()
    const job = await begin(one, async running => {
      const found = await running.during('one', async () => 42)
      await running.during('two', async () => running.step('two', { state: 'warned', detail: 'nearly' }))
      running.note({ commit: 'abc123' })
      return { found }
    })
    expect(job).toMatchObject({ state: 'running', steps: [{ state: 'waiting' }, { state: 'waiting' }] })
    expect(await ended(one, job.id)).toMatchObject({
      state: 'done',
      result: { found: 42 },
      steps: [
        { id: 'one', title: 'First', state: 'done', ms: expect.any(Number) },
        { id: 'two', state: 'warned', detail: 'nearly' },
      ],
    })
    const { entries } = (await one.administrator.call('GET', '/api/v1/audit?action=test.work')).body
    expect(entries).toMatchObject([
      { outcome: 'done', object: 'thing', commit: 'abc123', ...shop, detail: { job: job.id } },
    ])
  })

  it('that fails says why, runs nothing after it, and shows no secret', async () => {
    const one = await start()
    const token = Secret.of('canary-"of"-a-job')
    const job = await begin(one, async running => {
      await running
        .during('one', async () => {
          throw new SluiceError('E_TIMEOUT', { object: 'repo', seen: `401 for ${token.reveal()}` })
        })
        .catch(() => {
          throw new SluiceError('E_TIMEOUT', { object: 'repo', seen: `no answer with ${token.reveal()}` })
        })
    }).catch(error => error)
    const done = await ended(one, job.id)
    expect(done).toMatchObject({
      state: 'failed',
      error: { code: 'E_TIMEOUT', object: 'repo' },
      steps: [{ state: 'failed' }, { state: 'not-run' }],
    })
    expect(JSON.stringify(done)).not.toContain('canary')
  })

  it('is stopped by nobody who is no operator there any more, and listed after those that are hidden', async () => {
    const one = await start()
    const { person, server, administrator } = one
    const op = await person('op', [{ role: 'operator', ...shop }])
    const who = await one.principal(op)
    const run: NewJob['run'] = job =>
      new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason)))
    const job = await server.context.jobs.start({ kind: 'test.work', object: 'thing', who, steps, scope: shop, run })
    for (let i = 0; i < 5; i++)
      await ended(one, (await begin(one, async () => i, { scope: { project: 'x', environment: 'y' } })).id)
    const { jobs } = (await op.call('GET', '/api/v1/jobs?limit=3')).body
    expect(jobs.map((each: { id: string }) => each.id)).toEqual([job.id])
    expect((await administrator.call('GET', '/api/v1/jobs?limit=200')).body.jobs).toHaveLength(6)
    await administrator.call('PUT', `/api/v1/users/${op.id}/grants`, { grants: [{ role: 'viewer', ...shop }] })
    expect((await op.call('POST', `/api/v1/jobs/${job.id}/cancel`)).status).toBe(403)
    expect((await op.call('GET', `/api/v1/jobs/${job.id}`)).body.state).toBe('running')
    expect((await administrator.call('POST', `/api/v1/jobs/${job.id}/cancel`)).status).toBe(202)
    expect(await ended(one, job.id)).toMatchObject({ state: 'cancelled' })
  })

  it('is seen by viewers of its place only, and cancelled by operators there', async () => {
    const one = await start()
    const job = await begin(one, async running => {
      await new Promise((_, reject) => running.signal.addEventListener('abort', () => reject(running.signal.reason)))
    })
    const viewer = await one.person('vera', [{ role: 'viewer', ...shop }])
    const stranger = await one.person('sam', [{ role: 'operator', project: 'bank', environment: '*' }])
    const operator = await one.person('op', [{ role: 'operator', project: 'shop', environment: '*' }])
    expect((await viewer.call('GET', `/api/v1/jobs/${job.id}`)).status).toBe(200)
    expect((await viewer.call('GET', '/api/v1/jobs')).body.jobs).toHaveLength(1)
    expect((await stranger.call('GET', `/api/v1/jobs/${job.id}`)).status).toBe(404)
    expect((await stranger.call('GET', '/api/v1/jobs')).body.jobs).toEqual([])
    expect((await viewer.call('POST', `/api/v1/jobs/${job.id}/cancel`)).status).toBe(403)
    expect((await operator.call('POST', `/api/v1/jobs/${job.id}/cancel`)).status).toBe(202)
    expect(await ended(one, job.id)).toMatchObject({ state: 'cancelled' })
  })

  it('of a server that is gone is said to have failed by the next one', async () => {
    const place = await stores.place()
    const first = await start(place)
    const { db } = first.server.context.store
    const job = await begin(first, async () => 1)
    await ended(first, job.id)
    // As a server leaves it that was killed: running, and no such server.
    await insertServer(db, 'killed', 'x')
    await db.deleteFrom('servers').where('id', '=', 'killed').execute()
    await db.updateTable('jobs').set({ state: 'running', server_id: 'killed', ended_at: null }).execute()
    await first.server.context.jobs.failOrphans()
    expect(await ended(first, job.id)).toMatchObject({ state: 'failed', error: { code: 'E_SERVER_ENDED' } })
    // Its entry was never written: who it was and what it did must not be lost, and is written once.
    await first.server.context.jobs.failOrphans()
    const { entries } = (await first.administrator.call('GET', '/api/v1/audit?action=test.work')).body
    expect(entries).toMatchObject([
      { who: 'admin', object: 'thing', ...shop, outcome: 'failed', detail: { error: 'E_SERVER_ENDED', job: job.id } },
      { outcome: 'done' },
    ])
  })

  it.runIf(stores.kind === 'sqlite')(
    'that ends while the database is held is written down later',
    async () => {
      const one = await start()
      const file = join(one.dataDir, 'sluice.db')
      const held = new DatabaseSync(file)
      let release = () => {}
      const job = await begin(one, () => new Promise<void>(resolve => (release = resolve)))
      held.exec('BEGIN IMMEDIATE')
      release()
      const refused = await one.administrator.call('POST', '/api/v1/users', {
        name: 'late',
        password: 'a long password',
        grants: [],
      })
      expect(refused).toMatchObject({ status: 503, body: { error: { code: 'E_STORE_UNREACHABLE' } } })
      expect(refused.body.error.seen).toContain('locked')
      held.exec('ROLLBACK')
      held.close()
      expect(await ended(one, job.id)).toMatchObject({ state: 'done' })
      const { entries } = (await one.administrator.call('GET', '/api/v1/audit?action=test.work')).body
      expect(entries).toMatchObject([{ outcome: 'done', detail: { job: job.id } }])
    },
    60_000,
  )

  it('ends with its server', async () => {
    const place = await stores.place()
    const first = await startTestServer({ place, ...('file' in place ? {} : {}) })
    const job = await begin(first, async running => {
      await new Promise((_, reject) => running.signal.addEventListener('abort', () => reject(running.signal.reason)))
    })
    const { dataDir } = first
    await first.server.close()
    const next = await startTestServer({ place, dataDir })
    open.push(next)
    expect((await next.administrator.call('GET', `/api/v1/jobs/${job.id}`)).body).toMatchObject({
      state: 'failed',
      error: { code: 'E_SERVER_ENDED' },
    })
  })

  it.runIf(stores.kind === 'postgresql')('is cancelled from the other server of the store', async () => {
    const place = await stores.place()
    const [one, other] = [await start(place), await start(place)]
    const job = await begin(one, async running => {
      await new Promise((_, reject) => running.signal.addEventListener('abort', () => reject(running.signal.reason)))
    })
    expect((await other.administrator.call('POST', `/api/v1/jobs/${job.id}/cancel`)).status).toBe(202)
    expect(await ended(other, job.id)).toMatchObject({ state: 'cancelled' })
  })

  it('that is periodic runs on one server at a time', async () => {
    const place = await stores.place()
    const servers = stores.kind === 'postgresql' ? [await start(place), await start(place)] : [await start(place)]
    let turns = 0
    let inside = 0
    let most = 0
    await new Promise<void>(resolve => {
      for (const { server } of servers) {
        server.context.periodic.add('count', 50, async () => {
          most = Math.max(most, ++inside)
          await new Promise(done => setTimeout(done, 20))
          inside--
          if (++turns === 4) resolve()
        })
      }
    })
    expect(most).toBe(1)
  })
})
