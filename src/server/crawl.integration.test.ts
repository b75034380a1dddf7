import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digest } from '../access/random.ts'
import { type AnyRoute, routeFaults } from './http/route.ts'
import { declaredRoutes } from './routes/index.ts'
import { personOf, startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

/**
 * Every declared route, asked by everybody who may not. Routes of new parts are crawled as soon as they are declared.
 * A route whose scope is worked out from the request needs something real to be asked about: add it to `real`.
 */
const real: Readonly<Record<string, (server: TestServer) => Promise<Record<string, string>>>> = {
  '/api/v1/users/{id}': async ({ administrator }) => ({ id: administrator.id }),
}

/** Of routes whose scope is in the body: something real to be asked for. */
const bodies: Readonly<Record<string, object>> = {
  '/api/v1/applications/changes': {
    change: {
      kind: 'create',
      name: 'shop',
      project: 'web',
      chart: { kind: 'Template', name: 'worker', version: '1.0.0' },
    },
    tip: 'sample',
  },
}

/** Of routes that want a query before they look at anything. */
const queries: Readonly<Record<string, string>> = {
  '/api/v1/applications/{app}/timeline': '?environment=staging',
  '/api/v1/applications/{app}/releases': '?environment=staging',
  '/api/v1/applications/{app}/compare': '?environment=staging&from=0000000&to=0000000',
}

const routes = declaredRoutes()
const name = ({ method, path }: AnyRoute) => `${method.toUpperCase()} ${path}`
const isPublic = ({ needs }: AnyRoute) => typeof needs === 'object' && 'public' in needs
/** What everybody may do who is signed in, or who has a role anywhere: lists of what one's roles reach. */
const isOpenTo = ({ needs }: AnyRoute, role: 'viewer' | 'operator') =>
  needs === 'signed-in' ||
  (typeof needs === 'object' &&
    'role' in needs &&
    needs.scope === 'somewhere' &&
    (needs.role === 'viewer' || needs.role === role))

describe('every route', () => {
  let server: TestServer
  let viewer: TestPerson
  let elsewhere: TestPerson
  let expired: TestPerson
  /** Who is nobody any more, however they were somebody. */
  const nobody: [how: string, person: TestPerson][] = []
  /** Who may do nothing of what the administrator may, although the administrator stands behind them, or they were one. */
  const less: [how: string, person: TestPerson][] = []
  beforeAll(async () => {
    server = await startTestServer()
    viewer = await server.person('viewer', [{ role: 'viewer', project: '*', environment: '*' }])
    elsewhere = await server.person('elsewhere', [{ role: 'operator', project: 'elsewhere', environment: 'elsewhere' }])
    expired = await server.person('expired', [{ role: 'administrator', project: '*', environment: '*' }])
    const id = expired.headers['cookie']!.split('=')[1]!
    await server.server.context.store.db
      .updateTable('sessions')
      .set({ ends_at: '2000-01-01T00:00:00.000Z' })
      .where('hash', '=', digest(id))
      .execute()
    const everything = [{ role: 'administrator', project: '*', environment: '*' }] as const
    const tokenOf = async (owner: TestPerson, name: string, grants: readonly object[]) => {
      const made = await owner.call('POST', '/api/v1/tokens', { name, days: 1, grants })
      expect(made.status, made.text).toBe(201)
      return { id: made.body.view.id, person: personOf(server.url, owner.id, name, bearer(made.body.token)) }
    }
    const { store } = server.server.context
    const removed = await tokenOf(server.administrator, 'removed', everything)
    await server.administrator.call('DELETE', `/api/v1/tokens/${removed.id}`)
    const ended = await tokenOf(server.administrator, 'ended', everything)
    await store.db.updateTable('api_tokens').set({ ends_at: '2000-01-01' }).where('id', '=', ended.id).execute()
    const disabled = await server.person('disabled', everything)
    const ofDisabled = await tokenOf(disabled, 'of disabled', everything)
    await server.administrator.call('PUT', `/api/v1/users/${disabled.id}/disabled`, { disabled: true })
    const forged = { cookie: `${server.administrator.headers['cookie']!.split('=')[0]}=${digest('none')}` }
    nobody.push(
      ['an API token that was removed', removed.person],
      ['an API token that has ended', ended.person],
      ['a user that is disabled', disabled],
      ['an API token of a user that is disabled', ofDisabled.person],
      ['a session that was made up', personOf(server.url, '', '', forged)],
      ['a session in the place of a token', personOf(server.url, '', '', bearer(digest('none')))],
    )
    const demoted = await server.person('demoted', everything)
    const ofDemoted = await tokenOf(demoted, 'of demoted', everything)
    await server.administrator.call('PUT', `/api/v1/users/${demoted.id}/grants`, { grants: [] })
    const narrow = [{ role: 'operator', project: 'elsewhere', environment: 'elsewhere' }]
    less.push(
      ['an administrator that is none any more', demoted],
      ['an API token of one', ofDemoted.person],
      ['an API token with less than its owner', (await tokenOf(server.administrator, 'narrow', narrow)).person],
    )
  })
  afterAll(() => server.close())

  const ask = async (person: TestPerson, route: AnyRoute) => {
    const base = Object.keys(real).find(path => route.path.startsWith(path))
    const values = base === undefined ? {} : await real[base]!(server)
    const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => values[key] ?? 'sample')
    const given = Object.keys(bodies).find(prefix => route.path.startsWith(prefix))
    const body = route.body === undefined ? undefined : given === undefined ? {} : bodies[given]
    return person.call(route.method.toUpperCase(), `${path}${queries[route.path] ?? ''}`, body)
  }

  it('says what it needs and what it leaves in the audit log', () => {
    expect(routeFaults(routes)).toEqual([])
    expect(routes.filter(isPublic).map(name)).toEqual([
      'GET /api/v1/session',
      'POST /api/v1/session',
      'POST /api/v1/setup',
      'GET /api/v1/oidc/begin',
      'GET /api/v1/oidc/callback',
      'GET /healthz',
      'GET /readyz',
      'GET /metrics',
      'GET /api/v1/openapi.json',
    ])
  })

  it.each(routes.filter(route => !isPublic(route)).map(route => [name(route), route] as const))(
    '%s',
    async (_, route) => {
      expect((await ask(server.anonymous, route)).status, 'anonymous').toBe(401)
      expect((await ask(expired, route)).status, 'a session that has ended').toBe(401)
      const wrong = { ...server.anonymous.headers, authorization: 'Bearer slu_unknown' }
      expect((await server.anonymous.call(route.method.toUpperCase(), route.path, undefined, wrong)).status).toBe(401)
      const isRead = typeof route.needs === 'object' && 'role' in route.needs && route.needs.role === 'viewer'
      if (!isOpenTo(route, 'viewer') && !isRead)
        expect([403, 404], 'viewer').toContain((await ask(viewer, route)).status)
      if (!isOpenTo(route, 'operator'))
        expect([403, 404], 'operator of another project').toContain((await ask(elsewhere, route)).status)
      for (const [how, person] of nobody) expect((await ask(person, route)).status, how).toBe(401)
      for (const [how, person] of less)
        if (!isOpenTo(route, 'operator')) expect([403, 404], how).toContain((await ask(person, route)).status)
    },
  )

  it.each(
    routes.filter(route => !isPublic(route) && route.needs !== 'signed-in').map(route => [name(route), route] as const),
  )('%s asks for a role', async (_, route) => {
    for (const [how, person] of less.slice(0, 2)) expect([403, 404], how).toContain((await ask(person, route)).status)
  })

  it('about one person is not answered to another, by whatever id', async () => {
    const { administrator, server: running } = server
    const own = { name: 'mine', days: 1, grants: [{ role: 'viewer', project: '*', environment: '*' }] }
    const { view } = (await administrator.call('POST', '/api/v1/tokens', own)).body
    const who = await server.principal(administrator)
    const job = await running.context.jobs.start({ kind: 'test.work', object: 'x', who, steps: [], run: async () => 1 })
    for (const person of [viewer, elsewhere, ...less.map(([, one]) => one)]) {
      expect((await person.call('DELETE', `/api/v1/tokens/${view.id}`)).status).toBeGreaterThanOrEqual(403)
      expect((await person.call('GET', '/api/v1/tokens?all=true')).status).toBe(403)
      expect((await person.call('GET', `/api/v1/jobs/${job.id}`)).status).toBe(404)
      expect((await person.call('POST', `/api/v1/jobs/${job.id}/cancel`)).status).toBe(404)
      for (const topic of ['audit', 'users', `job/${job.id}`])
        expect((await person.call('GET', `/api/v1/live?topics=${topic}`)).status, topic).toBe(403)
    }
    expect((await administrator.call('GET', '/api/v1/tokens')).body.tokens).toContainEqual(
      expect.objectContaining({ id: view.id }),
    )
  })

  it.each(routes.filter(route => route.method !== 'get').map(route => [name(route), route] as const))(
    '%s takes nothing from another site',
    async (_, route) => {
      if (route.rawBody) return
      const path = route.path.replace(/\{\w+\}/g, 'sample')
      const from = (headers: Record<string, string>) =>
        server.administrator.call(route.method.toUpperCase(), path, route.body === undefined ? undefined : {}, headers)
      expect((await from({ 'sec-fetch-site': 'cross-site' })).body.error.code).toBe('E_REQUEST_ORIGIN')
      expect((await from({ 'sec-fetch-site': 'same-site' })).body.error.code).toBe('E_REQUEST_ORIGIN')
      expect((await from({ origin: 'https://evil.example' })).body.error.code).toBe('E_REQUEST_ORIGIN')
    },
  )

  it('that changes something leaves an audit entry, also when it is refused', async () => {
    for (const route of routes) {
      if (route.audit === undefined || 'none' in route.audit || isPublic(route) || route.method === 'get') continue
      // Signing out ends the session that the others need.
      if (route.path === '/api/v1/session') continue
      const before = await lastId(server)
      await ask(viewer, route)
      const { body } = await server.administrator.call('GET', `/api/v1/audit?limit=5&action=${route.audit.action}`)
      expect(body.entries[0], name(route)).toMatchObject({ action: route.audit.action, who: 'viewer' })
      expect(body.entries[0].id, name(route)).toBeGreaterThan(before)
    }
  })
})

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}

async function lastId({ administrator }: TestServer): Promise<number> {
  return (await administrator.call('GET', '/api/v1/audit?limit=1')).body.entries[0]?.id ?? 0
}
