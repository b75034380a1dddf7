import { afterEach, expect, it } from 'vitest'
import { onBothStores } from '../store/testing/stores.ts'
import { personOf, startTestServer, type TestServer, testPassword } from './testing/test-server.ts'

const open: TestServer[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

onBothStores('signing in', stores => {
  const start = async () => {
    const one = await startTestServer({ place: await stores.place() })
    open.push(one)
    return one
  }

  it('sets a cookie that no script reads, tells who it is, and ends by signing out', async () => {
    const { anonymous, url } = await start()
    expect((await anonymous.call('GET', '/api/v1/session')).body).toMatchObject({ grants: [], needsSetup: false })
    const answer = await anonymous.call('POST', '/api/v1/session', { name: 'ADMIN', password: testPassword })
    expect(answer).toMatchObject({ status: 200, body: { person: { name: 'admin', via: 'password' } } })
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^sluice-\d+=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/)
    const me = personOf(url, '', 'admin', { cookie: cookie.split(';')[0]! })
    expect((await me.call('GET', '/api/v1/users')).status).toBe(200)
    expect((await me.call('DELETE', '/api/v1/session')).status).toBe(204)
    expect(await me.call('GET', '/api/v1/users')).toMatchObject({
      status: 401,
      body: { error: { code: 'E_SIGNED_OUT' } },
    })
  })

  it('says the same of a wrong password, an unknown name and a disabled user, and slows guessing down', async () => {
    const { anonymous, administrator } = await start()
    const wish = { name: 'ada', password: testPassword, grants: [] }
    const { body: ada } = await administrator.call('POST', '/api/v1/users', wish)
    await administrator.call('PUT', `/api/v1/users/${ada.id}/disabled`, { disabled: true })
    const answers = [
      await anonymous.call('POST', '/api/v1/session', { name: 'ada', password: testPassword }),
      await anonymous.call('POST', '/api/v1/session', { name: 'admin', password: 'wrong' }),
      await anonymous.call('POST', '/api/v1/session', { name: 'nobody', password: 'wrong' }),
    ]
    for (const answer of answers) expect(answer).toMatchObject({ status: 401, body: answers[0]!.body })
    for (let i = 0; i < 4; i++) await anonymous.call('POST', '/api/v1/session', { name: 'nobody', password: 'wrong' })
    const limited = await anonymous.call('POST', '/api/v1/session', { name: 'nobody', password: 'wrong' })
    expect(limited).toMatchObject({ status: 429, body: { error: { code: 'E_SIGN_IN_LIMIT' } } })
    expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('lets a token do what it was made for, as far as its owner still may', async () => {
    const { administrator, person, url } = await start()
    const operator = await person('op', [{ role: 'operator', project: 'shop', environment: '*' }])
    const wish = { name: 'ci', days: 1, grants: [{ role: 'operator', project: 'shop', environment: 'prod' }] }
    const more = { ...wish, grants: [{ role: 'viewer', project: '*', environment: '*' }] }
    expect((await operator.call('POST', '/api/v1/tokens', more)).status).toBe(403)
    const { body } = await operator.call('POST', '/api/v1/tokens', wish)
    expect(body.token).toMatch(/^slu_[\w-]{43}$/)
    const program = personOf(url, '', 'ci', { authorization: `Bearer ${body.token}`, 'sec-fetch-site': 'cross-site' })
    const grants = async () => (await program.call('GET', '/api/v1/session')).body.grants
    expect(await grants()).toEqual(wish.grants)
    expect(JSON.stringify((await operator.call('GET', '/api/v1/tokens')).body)).not.toContain(body.token)
    expect((await program.call('POST', '/api/v1/tokens', wish)).status).toBe(403)
    const weaker = { grants: [{ role: 'viewer', project: 'shop', environment: '*' }] }
    await administrator.call('PUT', `/api/v1/users/${operator.id}/grants`, weaker)
    expect(await grants()).toEqual([{ role: 'viewer', project: 'shop', environment: 'prod' }])
    expect((await operator.call('DELETE', `/api/v1/tokens/${body.view.id}`)).status).toBe(204)
    expect((await program.call('GET', '/api/v1/session')).status).toBe(401)
  })

  it('keeps a token to what it was made for: nothing about its owner, and nothing that the owner started elsewhere', async () => {
    const { administrator, url, server, principal } = await start()
    const wish = { name: 'ci', days: 1, grants: [{ role: 'viewer', project: 'shop', environment: '*' }] }
    const [ci, other] = await Promise.all(
      ['ci', 'other'].map(async name => (await administrator.call('POST', '/api/v1/tokens', { ...wish, name })).body),
    )
    const program = personOf(url, '', 'ci', { authorization: `Bearer ${ci.token}` })
    const who = await principal(administrator)
    const work = (scope: { project: string; environment: string }) =>
      server.context.jobs.start({
        kind: 'test.work',
        object: 'thing',
        who,
        steps: [],
        scope,
        run: job => new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason))),
      })
    const mine = await work({ project: 'shop', environment: 'prod' })
    const hidden = await work({ project: 'bank', environment: 'prod' })
    const jobs = (await program.call('GET', '/api/v1/jobs')).body.jobs.map((job: { id: string }) => job.id)
    expect(jobs).toEqual([mine.id])
    expect((await program.call('GET', `/api/v1/jobs/${hidden.id}`)).status).toBe(404)
    expect((await program.call('POST', `/api/v1/jobs/${hidden.id}/cancel`)).status).toBe(404)
    expect((await program.call('POST', `/api/v1/jobs/${mine.id}/cancel`)).status).toBe(403)
    expect((await program.call('GET', `/api/v1/live?topics=job/${hidden.id}`)).status).toBe(403)
    const { tokens } = (await program.call('GET', '/api/v1/tokens')).body
    expect(tokens.map((one: { id: string }) => one.id)).toEqual([ci.view.id])
    expect((await program.call('DELETE', `/api/v1/tokens/${other.view.id}`)).status).toBe(403)
    expect((await program.call('DELETE', '/api/v1/session?everywhere=true')).status).toBe(403)
    const password = { current: testPassword, password: `${testPassword} more` }
    expect((await program.call('PUT', '/api/v1/session/password', password)).status).toBe(403)
    expect((await administrator.call('GET', '/api/v1/session')).body.person.name).toBe('admin')
    // A program may give its own token back.
    expect((await program.call('DELETE', `/api/v1/tokens/${ci.view.id}`)).status).toBe(204)
  })

  it('lets nobody try many passwords at the same time', async () => {
    const { anonymous } = await start()
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        anonymous.call('POST', '/api/v1/session', { name: 'admin', password: `guess ${i}` }),
      ),
    )
    const looked = tries.filter(one => one.status === 401)
    expect(looked.length).toBeLessThanOrEqual(5)
    expect(tries.filter(one => one.status === 429)).toHaveLength(20 - looked.length)
  })

  it('keeps an administrator, writes every change down, and ends sessions everywhere', async () => {
    const { administrator, person } = await start()
    const viewer = await person('vera', [{ role: 'viewer', project: '*', environment: '*' }])
    expect((await viewer.call('GET', '/api/v1/users')).status).toBe(403)
    const last = await administrator.call('PUT', `/api/v1/users/${administrator.id}/grants`, { grants: [] })
    expect(last).toMatchObject({ status: 409, body: { error: { code: 'E_LAST_ADMINISTRATOR' } } })
    expect((await administrator.call('DELETE', `/api/v1/users/${viewer.id}/sessions`)).status).toBe(204)
    expect((await viewer.call('GET', '/api/v1/tokens')).status).toBe(401)
    const { body } = await administrator.call('GET', '/api/v1/audit?limit=2')
    expect(body.entries).toMatchObject([
      { action: 'user.sign-out', object: 'user vera', outcome: 'done', who: 'admin', detail: { ended: 1 } },
      { action: 'user.grants', outcome: 'failed', detail: { error: 'E_LAST_ADMINISTRATOR' } },
    ])
  })
})

it('sets the administrator by the one-time link, once', async () => {
  const { startServer } = await import('./start.ts')
  const { systemClock } = await import('../base/clock.ts')
  const { mkdtemp } = await import('node:fs/promises')
  const dataDir = await mkdtemp('/tmp/sluice-setup-')
  const options = { dataDir, host: '127.0.0.1', port: 0, clock: systemClock }
  const first = await startServer(options)
  const stale = new URL(first.setupUrl!).hash.slice(1)
  await first.close()
  const server = await startServer(options)
  try {
    const nobody = personOf(server.url, '', '', {})
    expect((await nobody.call('GET', '/api/v1/session')).body.needsSetup).toBe(true)
    const wish = { name: 'root', password: testPassword }
    const secret = new URL(server.setupUrl!).hash.slice(1)
    expect((await nobody.call('POST', '/api/v1/setup', { ...wish, secret: stale })).status).toBe(403)
    const done = await nobody.call('POST', '/api/v1/setup', { ...wish, secret })
    expect(done).toMatchObject({ status: 200, body: { person: { name: 'root' }, needsSetup: false } })
    expect(done.headers.getSetCookie()).toHaveLength(1)
    expect((await nobody.call('POST', '/api/v1/setup', { ...wish, name: 'two', secret })).status).toBe(403)
  } finally {
    await server.close()
  }
  const again = await startServer(options)
  expect(again.setupUrl).toBeUndefined()
  await again.close()
})
