import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { Secret } from '../secrets/secret.ts'
import type { Job } from './contract/live.ts'
import { startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

let dir: string
let forge: SandboxForge
let test: TestServer
let admin: TestPerson
let good: string
const bad = `ghp_${'x'.repeat(36)}`

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-connect-'))
  forge = await startForge({ dataDir: join(dir, 'forge') })
  forge.admin.createUser({ login: 'octo' })
  forge.admin.createOrganization({ login: 'acme' })
  forge.admin.addMember('acme', 'octo', 'admin')
  good = forge.admin
    .createToken({ user: 'octo', kind: 'classic', scopes: ['repo', 'admin:org', 'delete_repo'] })
    .reveal()
  test = await startTestServer()
  admin = test.administrator
})
afterAll(async () => {
  await test.close()
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

const draft = (change: object = {}) => ({
  name: 'Acme',
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
    ...change,
  },
})

async function ended(job: Job): Promise<Job> {
  for (;;) {
    const now = (await admin.call('GET', `/api/v1/jobs/${job.id}`)).body as Job
    if (now.state !== 'running') return now
    await new Promise(done => setTimeout(done, 20))
  }
}
const validate = async (token: string, wish: object = draft(), more: object = {}) => {
  const started = await admin.call('POST', '/api/v1/connections/validate', {
    draft: wish,
    credential: { token },
    ...more,
  })
  expect(started.status).toBe(202)
  return ended(started.body)
}
const save = (token: string, body: object) =>
  admin.call('POST', '/api/v1/connections', { draft: draft(), credential: { token }, ...body })

describe('connections to Git hosts', () => {
  it('are proven on unsaved input: a bad token is a result with one failure, and the rest is not run', async () => {
    const job = await validate(bad)
    expect(job.state).toBe('done')
    const states = job.steps.map(step => step.state)
    expect(states.filter(state => state === 'failed')).toHaveLength(1)
    expect(states.slice(states.indexOf('failed') + 1).every(state => state === 'not-run')).toBe(true)
    const failed = job.steps.find(step => step.state === 'failed')!
    expect(failed.said).toBe('Bad credentials')
    expect(failed.next).not.toBe('')
    expect((await save(bad, { validation: job.id })).body.error.code).toBe('E_CONNECTION_NOT_PROVEN')
  })

  it('are saved as proven only with the proof of exactly what is saved', async () => {
    const job = await validate(good)
    expect(job.result).toMatchObject({ proof: { outcome: 'proven', login: 'octo' } })
    expect((await save(good, {})).status).toBe(409)
    // The proof of one token says nothing of another, nor of other settings.
    expect((await save(bad, { validation: job.id })).body.error.code).toBe('E_CONNECTION_NOT_PROVEN')
    const other = { draft: draft({ owner: 'other' }), validation: job.id }
    expect((await save(good, other)).body.error.code).toBe('E_CONNECTION_NOT_PROVEN')
    expect((await admin.call('GET', '/api/v1/gate')).body).toMatchObject({ open: false })
    const saved = await save(good, { validation: job.id })
    expect(saved.status).toBe(201)
    expect(saved.body).toMatchObject({ state: 'proven', isDefault: true })
    expect(saved.text).not.toContain(good)
    expect((await admin.call('GET', '/api/v1/gate')).body).toMatchObject({ open: true, connection: { name: 'Acme' } })
  })

  it('can be tried for real, which leaves nothing behind', async () => {
    const job = await validate(good, draft(), { probe: true })
    expect(job.result).toMatchObject({ proof: { outcome: 'proven' } })
    expect(job.steps.map(step => step.id)).toContain('probe.push')
    const left = await fetch(`${forge.url}/api/v3/orgs/acme/repos`, { headers: { authorization: `Bearer ${good}` } })
    expect(await left.json()).toEqual([])
  })

  it('keep their credential for their own host', async () => {
    const { body } = await admin.call('GET', '/api/v1/connections')
    const [saved] = body.connections
    const elsewhere = { draft: { ...draft(), host: 'http://127.0.0.1:1' }, connection: saved.id }
    for (const answer of [
      await admin.call('POST', '/api/v1/connections/validate', elsewhere),
      await admin.call('POST', '/api/v1/connections/owners', elsewhere),
      await admin.call('PUT', `/api/v1/connections/${saved.id}`, {
        ...elsewhere,
        version: saved.version,
        insist: true,
      }),
    ])
      expect(answer.body.error.code).toBe('E_CONNECTION_CREDENTIAL')
    const owner = await admin.call('POST', '/api/v1/connections/owners', { draft: draft(), connection: saved.id })
    expect(owner.body).toMatchObject({ owner: { name: 'acme', kind: 'organization', role: 'admin' } })
  })

  it('turn red by themselves when their token is revoked', async () => {
    forge.admin.revokeToken(Secret.of(good))
    const { body } = await admin.call('GET', '/api/v1/connections')
    const job = await ended((await admin.call('POST', `/api/v1/connections/${body.connections[0].id}/prove`)).body)
    expect(job.result).toMatchObject({ proof: { outcome: 'failed' } })
    expect((await admin.call('GET', '/api/v1/connections')).body.connections[0]).toMatchObject({ state: 'broken' })
    expect((await admin.call('GET', '/api/v1/gate')).body).toMatchObject({ open: false })
    const audit = await admin.call('GET', '/api/v1/audit?action=connection.state')
    expect(audit.body.entries[0]).toMatchObject({ outcome: 'failed', detail: { before: 'proven', state: 'broken' } })
  })

  it('take pushes told by a webhook that proves itself, and tell nobody else whether there is one', async () => {
    const { id } = (await admin.call('GET', '/api/v1/connections')).body.connections[0]
    const path = `/api/v1/hooks/${id}`
    const body = '{"ref":"refs/heads/main"'
    const call = (headers: Record<string, string>, text = body, to = path) =>
      test.anonymous.call('POST', to, text, { 'sec-fetch-site': 'cross-site', ...headers })
    const sign = (text: string, secret: string) => createHmac('sha256', secret).update(text).digest('hex')
    const before = await call({ 'x-hub-signature-256': `sha256=${sign(body, '')}` })
    const made = await admin.call('POST', `/api/v1/connections/${id}/webhook`)
    expect(made).toMatchObject({ status: 201, body: { path } })
    const { secret } = made.body
    const refused = [
      await call({}),
      await call({ 'x-hub-signature-256': `sha256=${sign(`${body} `, secret)}` }),
      await call({ 'x-hub-signature-256': `sha256=${sign(body, 'guess')}` }),
      await call({ 'x-hub-signature-256': 'sha256=00' }),
      await call({ 'x-hub-signature': `sha1=${'0'.repeat(40)}` }),
      await call({ 'x-gitlab-token': `${secret}x` }),
      await call({ 'x-hub-signature-256': `sha256=${sign(body, secret)}` }, body, '/api/v1/hooks/none'),
    ]
    for (const answer of refused) expect(answer).toMatchObject({ status: 403, body: before.body })
    // The signature is good and the body is no JSON: it is proven before anything is read of it, and nothing has to be.
    expect((await call({ 'x-hub-signature-256': `sha256=${sign(body, secret)}` })).status).toBe(202)
    expect((await call({ 'x-gitea-signature': sign(body, secret) })).status).toBe(202)
    expect((await call({ 'x-gitlab-token': secret })).status).toBe(202)
    expect((await call({ 'x-gitlab-token': secret }, 'x'.repeat(2_000_000))).status).toBe(413)
    const next = (await admin.call('POST', `/api/v1/connections/${id}/webhook`)).body.secret
    expect((await call({ 'x-gitlab-token': secret })).status).toBe(403)
    expect((await call({ 'x-gitlab-token': next })).status).toBe(202)
    const files = [join(test.dataDir, 'sluice.db'), join(test.dataDir, 'sluice.db-wal')]
    for (const text of [test.log.join('\n'), ...files.map(file => readFileSync(file, 'latin1'))])
      for (const one of [secret, next]) expect(text.includes(one)).toBe(false)
  })

  it('are set by administrators of everything alone, and their tokens are nowhere to be read', async () => {
    const operator = await test.person('olga', [{ role: 'operator', project: '*', environment: '*' }])
    expect((await operator.call('POST', '/api/v1/connections', { draft: draft() })).status).toBe(403)
    expect((await operator.call('GET', '/api/v1/connections')).status).toBe(200)
    expect(test.log.join('\n')).not.toContain(good)
    expect(test.log.join('\n')).not.toContain(bad)
  })
})
