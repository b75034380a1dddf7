import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { declaredRoutes } from './routes/index.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const oidcSecret = 'canary-oidc-client-secret-60b2'
const viewerWish = { days: 1, grants: [{ role: 'viewer', project: '*', environment: '*' }] }

/** A secret that was put in, by where it went in. Parts that take secrets add theirs, with the request that puts it in. */
const canaries: Readonly<Record<string, (server: TestServer) => Promise<string>>> = {
  'the password of a user': async ({ administrator }) => {
    const password = 'canary-password-7f3a91'
    const made = await administrator.call('POST', '/api/v1/users', { name: 'canary', password, grants: [] })
    expect(made.status).toBe(201)
    return password
  },
  'a password that was wrong': async ({ anonymous }) => {
    const password = 'canary-wrong-password-51be'
    await anonymous.call('POST', '/api/v1/session', { name: 'admin', password })
    return password
  },
  'a body that is refused': async ({ administrator }) => {
    const password = 'canary-refused-body-0a9c'
    await administrator.call('POST', '/api/v1/users', { name: '!', password, grants: 'none' })
    return password
  },
  'the text of an API token': async ({ administrator }) => {
    return (await administrator.call('POST', '/api/v1/tokens', { ...viewerWish, name: 'ci' })).body.token
  },
  'the id of a session': async ({ administrator }) => administrator.headers['cookie']!.split('=')[1]!,
  'a sealed value': async ({ server }) => {
    const { secrets, store } = server.context
    await secrets.put(store.db, 'connection/canary/token', Secret.of('canary-sealed-"value"-d41d'))
    return 'canary-sealed-"value"-d41d'
  },
  'the token of a connection that was validated, looked up with, and saved': one => connectWith(one, 'token'),
  'the SSH key of a connection': one => connectWith(one, 'privateKey'),
  'the secret of the OIDC client': async ({ anonymous }) => {
    const begun = await anonymous.call('GET', '/api/v1/oidc/begin')
    expect(begun.body?.error.code).toBe('E_OIDC')
    await anonymous.call('GET', '/api/v1/oidc/callback?code=x&state=y')
    return oidcSecret
  },
  'the login of a chart repository that is looked at and added': async ({ administrator }) => {
    const password = 'canary-chart-login-"4e"-b7'
    const repository = { name: 'canary', url: 'https://127.0.0.1:9/charts', username: 'robot', password }
    await administrator.call('POST', '/api/v1/charts/repositories/check', repository)
    const change = { kind: 'add', repository }
    await administrator.call('POST', '/api/v1/charts/changes/preview', { change })
    await administrator.call('POST', '/api/v1/charts/changes', { change, tip: '0'.repeat(40) })
    return password
  },
  'a secret value of an application, in a change that is refused': async ({ administrator }) => {
    const value = 'canary-sealed-value-9d1e'
    for (const secrets of [[{ path: ['secrets', 'A'], value }], [{ path: [], value }]]) {
      const change = { kind: 'values', app: 'shop', environment: 'staging', secrets }
      for (const path of ['/preview', '/rendered', ''])
        await administrator.call('POST', `/api/v1/applications/changes${path}`, { change, tip: '0'.repeat(40) })
    }
    return value
  },
  'a secret in an address and in a query': async ({ administrator }) => {
    const token = (await administrator.call('POST', '/api/v1/tokens', { ...viewerWish, name: 'leaky' })).body.token
    await administrator.call('GET', `/api/v1/users/${token}?token=${token}`)
    await administrator.call('DELETE', `/api/v1/tokens/${token}`)
    return token
  },
  'a secret in the detail of a job and of an audit entry': async one => {
    const token = Secret.of('canary-\\"quoted"-in-a-job')
    const who = await one.principal(one.administrator)
    const { jobs, audit } = one.server.context
    const { id } = await jobs.start({
      kind: 'test.canary',
      object: `thing ${token.reveal()}`,
      who,
      steps: [],
      run: async job => {
        job.step('one', { state: 'failed', said: `401 ${token.reveal()}` })
        await audit.write({
          who,
          action: 'test.canary',
          object: token.reveal(),
          outcome: 'done',
          detail: { said: token.reveal() },
        })
        throw new Error(`failed with ${token.reveal()}`)
      },
    })
    while ((await jobs.get(id)).state === 'running') await new Promise(resolve => setTimeout(resolve, 20))
    return token.reveal()
  },
}

/** Validates a connection to a host that is not there, looks an owner up with it, and saves it all the same. */
async function connectWith({ administrator }: TestServer, part: 'token' | 'privateKey'): Promise<string> {
  const secret = part === 'token' ? `ghp_${'Canary0'.repeat(5)}c` : 'canary-private-key-3ab1-/+=-of-a-connection'
  const isToken = part === 'token'
  const draft = {
    name: `canary ${part}`,
    kind: isToken ? 'github' : 'git',
    host: isToken ? 'http://127.0.0.1:9' : 'ssh://git@127.0.0.1:9/fleet.git',
    settings: {
      owner: isToken ? 'acme' : '',
      personal: false,
      repository: 'fleet',
      branch: 'main',
      repositoryTemplate: '{app}',
      visibility: 'private',
      review: 'auto',
    },
  }
  const wish = { draft, credential: { [part]: secret } }
  const { body: job } = await administrator.call('POST', '/api/v1/connections/validate', wish)
  await administrator.call('POST', '/api/v1/connections/owners', wish)
  while ((await administrator.call('GET', `/api/v1/jobs/${job.id}`)).body.state === 'running')
    await new Promise(resolve => setTimeout(resolve, 20))
  const saved = await administrator.call('POST', '/api/v1/connections', { ...wish, validation: job.id, insist: true })
  expect(saved.status).toBe(201)
  expect(saved.text).not.toContain(secret)
  // Refused, with the secret in the body.
  await administrator.call('PUT', `/api/v1/connections/${saved.body.id}`, { ...wish, version: 'none' })
  return secret
}

describe('a secret that was put in', () => {
  let server: TestServer
  const secrets: [name: string, text: string][] = []
  /** All that a tab was told live meanwhile. */
  let told = ''
  beforeAll(async () => {
    const clientSecret = Secret.of(oidcSecret)
    server = await startTestServer({
      oidc: { issuer: 'http://127.0.0.1:9', clientId: 'sluice', clientSecret, title: 'Example', groupGrants: {} },
    })
    const answer = await fetch(`${server.url}/api/v1/live?topics=audit,users,connections,applications,charts,fleet`, {
      headers: server.administrator.headers,
    })
    void (async () => {
      const text = new TextDecoder()
      for await (const bytes of answer.body as unknown as AsyncIterable<Uint8Array>) told += text.decode(bytes)
    })().catch(() => {})
    for (const [name, put] of Object.entries(canaries)) secrets.push([name, await put(server)])
  })
  afterAll(() => server.close())

  /** In every form that a text takes on its way. */
  const forms = (text: string) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('hex'),
  ]
  const findIn = (place: string, text: string | Buffer) =>
    secrets.flatMap(([name, secret]) =>
      forms(secret).some(form => text.includes(form)) ? [`${name} in ${place}`] : [],
    )

  it('is in no answer of the API', async () => {
    const { users } = (await server.administrator.call('GET', '/api/v1/users')).body
    const found: string[] = []
    for (const { method, path, contentType } of declaredRoutes()) {
      if (method !== 'get' || contentType === 'text/event-stream') continue
      const answer = await server.administrator.call('GET', path.replace(/\{\w+\}/g, users[0].id))
      found.push(...findIn(path, answer.text))
    }
    found.push(...findIn('all tokens', (await server.administrator.call('GET', '/api/v1/tokens?all=true')).text))
    expect(found).toEqual([])
  })

  it('is in nothing that was told live, in no metric, and in no argument of a process of ours', async () => {
    expect(told).toContain('"topic":"audit"')
    const metrics = (await server.anonymous.call('GET', '/metrics')).text
    expect([
      ...findIn('live events', told),
      ...findIn('metrics', metrics),
      ...findIn('arguments', process.argv.join('\n')),
    ]).toEqual([])
  })

  it('is in no file of the data folder, and in no line of the log', () => {
    const found = readdirSync(server.dataDir, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .flatMap(entry => findIn(entry.name, readFileSync(join(entry.parentPath, entry.name))))
    expect([...found, ...findIn('the log', server.log.join('\n'))]).toEqual([])
  })
})
