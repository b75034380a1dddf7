import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createForge } from '../forges/index.ts'
import { openMirror, writeFiles } from '../git/index.ts'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { Secret } from '../secrets/secret.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

let dir: string
let forge: SandboxForge
let test: TestServer
let id: string
const kinds = { github: ['repo', 'admin:org'], narrow: ['public_repo'] }

const tokenOf = (scopes: readonly string[]) =>
  forge.admin.createToken({ user: 'octo', kind: 'classic', scopes }).reveal()
const atHost = (method: string, path: string, body?: object) =>
  fetch(`${forge.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${tokenOf(kinds.github)}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
const hooksAtHost = async () =>
  (await (await atHost('GET', '/repos/acme/fleet/hooks')).json()) as { config: { url: string }; events: string[] }[]
const call = async (method: string, path = '', body?: object) =>
  test.administrator.call(method, `/api/v1/connections/${id}/webhook${path}`, body)
const view = async () => (await call('GET')).body
let pushes = 0
/** By git, as people do. */
async function push(): Promise<void> {
  const token = Secret.of(tokenOf(kinds.github))
  const github = createForge({ kind: 'github', host: forge.url, token, userAgent: 'test' })
  const mirror = await openMirror(join(dir, 'mirror'))
  const author = { name: 'Octo', email: 'octo@example.com' }
  const changes = [{ path: `f${++pushes}`, content: 'x' }]
  const remote = github.remote('acme', 'fleet')
  await writeFiles({ mirror, remote, branch: 'main', message: 'push', author, changes })
  mirror.close()
  await github.close()
}

async function connect(name: string, scopes: readonly string[], settings: object = {}): Promise<string> {
  const saved = await test.administrator.call('POST', '/api/v1/connections', {
    draft: {
      name,
      kind: 'github',
      host: forge.url,
      settings: {
        owner: 'acme',
        personal: false,
        repository: 'fleet',
        branch: 'main',
        repositoryTemplate: '{app}-config',
        visibility: 'private',
        review: 'auto',
        ...settings,
      },
    },
    credential: { token: tokenOf(scopes) },
    insist: true,
  })
  expect(saved.status, saved.text).toBe(201)
  return saved.body.id
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-webhooks-'))
  forge = await startForge({ dataDir: join(dir, 'forge') })
  forge.admin.createUser({ login: 'octo' })
  forge.admin.createOrganization({ login: 'acme' })
  forge.admin.addMember('acme', 'octo', 'admin')
  await forge.admin.createRepository({ owner: 'acme', name: 'fleet' })
  test = await startTestServer()
  id = await connect('Acme', kinds.github)
})
afterAll(async () => {
  await test.close()
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

describe('the push webhook of a connection', () => {
  it('has an address, and says what the host is to be told, before there is any', async () => {
    const address = `${test.url}/api/v1/hooks/${id}`
    expect(await view()).toMatchObject({ address, local: true, repository: 'acme/fleet', canRegister: true })
    expect(Object.keys(await view())).not.toContain('secret')
    expect((await call('GET', '/registration')).body).toEqual({
      repository: 'acme/fleet',
      address,
      events: 'push',
      present: 0,
      makesSecret: true,
    })
    // Looking writes nothing, here or at the host.
    expect(await hooksAtHost()).toEqual([])
    expect(Object.keys(await view())).not.toContain('secret')
  })

  it('is added at the host with a secret that nobody sees, and its deliveries are verified', async () => {
    const added = await call('PUT', '/registration')
    expect(added).toMatchObject({ status: 200, body: { registered: { repository: 'acme/fleet', outdated: false } } })
    expect(await hooksAtHost()).toMatchObject([{ config: { url: added.body.address }, events: ['push'] }])
    await expect.poll(async () => (await view()).verified?.event).toBe('ping')
    await push()
    await expect.poll(async () => (await view()).verified?.event).toBe('push')
    expect((await view()).refused).toBeUndefined()
    const secret = await test.server.context.secrets.open(test.server.context.store.db, `connection/${id}/webhook`)
    for (const text of [added.text, JSON.stringify(await view()), test.log.join('\n')])
      expect(text).not.toContain(secret.reveal())
    const { entries } = (await test.administrator.call('GET', '/api/v1/audit?action=connection.webhook.add')).body
    expect(entries[0]).toMatchObject({ object: 'connection Acme', detail: { repository: 'acme/fleet' } })
    // Again: in the place of the one before, not beside it.
    expect((await call('GET', '/registration')).body).toMatchObject({ present: 1, makesSecret: false })
    await call('PUT', '/registration')
    expect(await hooksAtHost()).toHaveLength(1)
  })

  it('refuses what the host sends with the secret of before, says why, and goes on when the host has the new one', async () => {
    const made = await call('POST')
    expect(made).toMatchObject({ status: 201, body: { address: (await view()).address } })
    expect(await view()).toMatchObject({ registered: { outdated: true } })
    await push()
    await expect.poll(async () => (await view()).refused?.why).toBe('its signature was made with another secret')
    expect((await view()).refused).toMatchObject({ event: 'push', next: expect.stringContaining('made last') })
    await call('PUT', '/registration')
    const before = (await view()).verified.at
    await push()
    await expect.poll(async () => (await view()).verified.at > before).toBe(true)
    expect(await view()).toMatchObject({ registered: { outdated: false } })
  })

  it('tells deliveries apart that are unsigned, weakly signed, or come before there is a secret', async () => {
    const other = await connect('Other', kinds.github)
    const send = (to: string, headers: Record<string, string>) =>
      test.anonymous.call('POST', `/api/v1/hooks/${to}`, 'x', { 'sec-fetch-site': 'cross-site', ...headers })
    const whyOf = async (to: string) =>
      (await test.administrator.call('GET', `/api/v1/connections/${to}/webhook`)).body.refused?.why
    const sha1 = createHmac('sha1', 'x').update('x').digest('hex')
    const cases: [to: string, headers: Record<string, string>, why: RegExp][] = [
      [other, { 'x-gitlab-token': 'x' }, /no secret was made/],
      [id, { 'x-github-event': 'push' }, /no signature/],
      [id, { 'x-hub-signature': `sha1=${sha1}` }, /SHA-1/],
      [id, { 'x-gitlab-token': 'x', 'x-gitlab-event': '<script>' }, /another secret/],
    ]
    for (const [to, headers, why] of cases) {
      await new Promise(done => setTimeout(done, 250))
      const answer = await send(to, headers)
      expect(answer).toMatchObject({ status: 403, body: (await send('none', headers)).body })
      await expect.poll(() => whyOf(to)).toMatch(why)
    }
    expect((await view()).refused.event).toBe('unknown')
    expect((await test.administrator.call('DELETE', `/api/v1/connections/${other}`)).status).toBe(204)
  })

  it('is removed from the host, where it is the only one that goes', async () => {
    await atHost('POST', '/repos/acme/fleet/hooks', { config: { url: 'http://127.0.0.1:9/other' }, events: ['push'] })
    const gone = await call('DELETE', '/registration')
    expect(gone.status).toBe(200)
    expect(gone.body.registered).toBeUndefined()
    expect((await hooksAtHost()).map(hook => hook.config.url)).toEqual(['http://127.0.0.1:9/other'])
    // A second time there is nothing to remove, which is no failure.
    expect((await call('DELETE', '/registration')).status).toBe(200)
  })

  it('says what the host says where the token may not, and makes nothing', async () => {
    const narrow = await connect('Narrow', kinds.narrow)
    const path = `/api/v1/connections/${narrow}/webhook`
    const refused = await test.administrator.call('PUT', `${path}/registration`)
    expect(refused.status).toBeGreaterThanOrEqual(400)
    expect(refused.body.error).toMatchObject({ code: expect.stringMatching(/^E_(FORGE|TOKEN)_/) })
    expect(refused.body.error.next).not.toBe('')
    expect((await test.administrator.call('GET', path)).body.secret).toBeUndefined()
  })

  it('is for administrators of everything alone', async () => {
    const operator = await test.person('olga', [{ role: 'operator', project: '*', environment: '*' }])
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/registration'],
      ['PUT', '/registration'],
      ['DELETE', '/registration'],
    ] as const)
      expect((await operator.call(method, `/api/v1/connections/${id}/webhook${path}`)).status).toBe(403)
  })
})
