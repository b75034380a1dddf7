import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AnyRoute } from './http/route.ts'
import { declaredRoutes } from './routes/index.ts'
import { type ConnectedServer, startConnectedServer } from './testing/connected-server.ts'
import type { TestPerson } from './testing/test-server.ts'

/**
 * What one may not see cannot be told from what is not there: every declared route that names something is asked about a thing
 * that is hidden and about one that is missing. Routes of new parts are asked as soon as they are declared.
 */
let ui: ConnectedServer
/** Who may do much, in another place. */
let elsewhere: TestPerson
/** Who sees one environment of the project alone. */
let narrow: TestPerson
/** By the name of the parameter: something that is there and hidden, and something that is not there. */
let names: Readonly<Record<string, readonly [hidden: string, missing: string]>>
/** A commit that nobody but administrators see. */
let hiddenCommit: string
let fleetOf: { readonly namespace: string; readonly name: string }
let objects: readonly [hidden: string, missing: string]
let job: string

const template = { kind: 'Template', name: 'worker', version: '1.0.0' } as const
const queries: Readonly<Record<string, string>> = {
  '/api/v1/applications/{app}/timeline': '?environment=production',
  '/api/v1/applications/{app}/releases': '?environment=production',
  '/api/v1/applications/{app}/updates': '?environment=production',
  '/api/v1/applications/{app}/compare': '?environment=production&from=0000000&to=0000000',
}

beforeAll(async () => {
  ui = await startConnectedServer()
  const wish = { follow: false }
  await ui.change(
    '/applications',
    {
      kind: 'create',
      name: 'vault',
      project: 'bank',
      chart: template,
      environments: [{ environment: 'production' }],
    },
    wish,
  )
  await ui.change(
    '/applications',
    { kind: 'create', name: 'shop', project: 'web', chart: template, environments: [{ environment: 'staging' }] },
    wish,
  )
  elsewhere = await ui.server.person('elsewhere', [{ role: 'operator', project: 'elsewhere', environment: 'staging' }])
  narrow = await ui.server.person('narrow', [{ role: 'operator', project: 'web', environment: 'staging' }])
  const [release] = (await ui.call('GET', '/applications/vault/releases?environment=production')).releases
  hiddenCommit = release.commit.sha
  const [cluster] = (await ui.call('GET', '/fleet')).clusters
  fleetOf = { namespace: cluster.namespace, name: cluster.name }
  const { rows } = await ui.call('GET', '/reconciliation/objects')
  const hidden = rows.find((one: { kind: string }) => one.kind === 'GitRepository').id as string
  objects = [hidden, Buffer.from(`${Buffer.from(hidden, 'base64url')}-none`).toString('base64url')]
  const { context } = ui.server.server
  const who = await ui.server.principal(ui.server.administrator)
  job = (await context.jobs.start({ kind: 'test.work', object: 'x', who, steps: [], run: async () => 1 })).id
  const [connection] = (await ui.call('GET', '/connections')).connections
  names = {
    app: ['vault', 'vaolt'],
    connection: [connection.id, '00000000-0000-4000-8000-000000000000'],
    job: [job, '00000000-0000-4000-8000-000000000000'],
  }
}, 120_000)
afterAll(() => ui?.close())

/** The values of a route's parameters, hidden and missing. */
function valuesOf({ path }: AnyRoute): readonly [Record<string, string>, Record<string, string>] | undefined {
  if (path.includes('{namespace}/{name}')) return [fleetOf, { ...fleetOf, name: 'none' }]
  if (path.includes('{app}')) return [{ app: names['app']![0] }, { app: names['app']![1] }]
  if (!path.includes('{id}') || path.startsWith('/api/v1/hooks')) return undefined
  const kind = path.startsWith('/api/v1/reconciliation')
    ? objects
    : path.startsWith('/api/v1/jobs')
      ? names['job']!
      : names['connection']!
  return [{ id: kind[0] }, { id: kind[1] }]
}

/** An answer without the name that was asked for. */
async function answerOf(person: TestPerson, method: string, path: string, body: unknown, asked: readonly string[]) {
  const { status, text } = await person.call(method, path, body)
  const plain = text.replace(/"(requestId|id)":"[0-9a-f-]{36}"/g, '"$1":""')
  return { status, text: asked.reduce((all, name) => all.replaceAll(name, '<name>'), plain) }
}

const named = declaredRoutes().filter(({ path, needs }) => path.includes('{') && typeof needs !== 'undefined')

describe('what one may not see', () => {
  it.each(named.map(route => [`${route.method.toUpperCase()} ${route.path}`, route] as const))(
    '%s answers as if it were not there',
    async (_, route) => {
      const values = valuesOf(route)
      if (values === undefined) return
      // The default connection is everybody's: a hidden one is asked for below.
      if (route.path === '/api/v1/connections/{id}') return
      const body = route.body === undefined ? undefined : {}
      if (route.method === 'get' && !/connections|plans|compare/.test(route.path)) {
        const path = route.path.replace(/\{(\w+)\}/g, (__, key: string) => values[0][key]!)
        const { status } = await ui.server.administrator.call('GET', `${path}${queries[route.path] ?? ''}`)
        // Else it would be hidden from everybody.
        expect(status, `${path} for an administrator`).not.toBe(404)
      }
      for (const person of [elsewhere, narrow]) {
        const [hidden, missing] = await Promise.all(
          values.map(given => {
            const path = route.path.replace(/\{(\w+)\}/g, (__, key: string) => given[key]!)
            const asked = Object.values(given).filter(value => value !== fleetOf.namespace)
            return answerOf(person, route.method.toUpperCase(), `${path}${queries[route.path] ?? ''}`, body, asked)
          }),
        )
        expect(hidden, person.name).toEqual(missing)
        expect(hidden!.status, person.name).toBeGreaterThanOrEqual(400)
      }
    },
  )

  it('is not told by changes that name it', async () => {
    const [hidden, missing] = names['app']!
    const changes = [
      { kind: 'image', environment: 'production', tag: '9' },
      { kind: 'deploy', environment: 'staging' },
      { kind: 'remove' },
      { kind: 'promote', from: 'production', to: 'staging' },
      { kind: 'revert', commit: hiddenCommit },
      { kind: 'restore', environment: 'production', commit: hiddenCommit },
    ]
    for (const person of [elsewhere, narrow])
      for (const change of changes)
        for (const path of ['', '/preview', '/rendered']) {
          const ask = (app: string) =>
            answerOf(
              person,
              'POST',
              `/api/v1/applications/changes${path}`,
              { change: { ...change, app }, tip: '0'.repeat(40) },
              [app],
            )
          const answer = await ask(hidden)
          expect(answer, change.kind).toEqual(await ask(missing))
          expect(answer.status, change.kind).toBe(404)
        }
    const check = (app: string) =>
      answerOf(narrow, 'POST', '/api/v1/values/check', { app, environment: 'production', values: {} }, [app])
    expect(await check(hidden)).toEqual(await check(missing))
  })

  it('is no commit either: of one that touches nothing that they see, neither subject nor author is told', async () => {
    const none = 'f'.repeat(40)
    const own = (await narrow.call('GET', '/api/v1/applications/shop/releases?environment=staging')).body.releases[0]
    const seen = own.commit.sha as string
    const at = '/api/v1/applications/shop'
    const ask = (commit: string, path: string) =>
      answerOf(narrow, 'GET', path, undefined, [commit, commit.slice(0, 12)])
    for (const path of [
      (sha: string) => `${at}/compare?environment=staging&from=${sha}&to=${seen}`,
      (sha: string) => `${at}/compare?environment=staging&from=${seen}&to=${sha}`,
      (sha: string) => `${at}/timeline?environment=staging&commit=${sha}`,
    ]) {
      const hidden = await ask(hiddenCommit, path(hiddenCommit))
      expect(hidden.status).toBe(404)
      expect(hidden).toEqual(await ask(none, path(none)))
      expect((await ui.server.administrator.call('GET', path(hiddenCommit))).status).toBe(200)
      expect((await narrow.call('GET', path(seen))).status).toBe(200)
    }
    const revert = { change: { kind: 'revert', app: 'shop', commit: hiddenCommit } }
    expect((await narrow.call('POST', '/api/v1/applications/changes/preview', revert)).status).toBe(404)
    // Nor by the tip of the repository, or the last change of an application.
    await ui.change('/applications', { kind: 'values', app: 'vault', yaml: 'replicas: 2\n' }, { follow: false })
    for (const path of ['/applications', '/applications/shop', '/repository', '/environments', '/projects']) {
      const { text, status } = await narrow.call('GET', `/api/v1${path}`)
      expect(status, path).toBe(200)
      expect(text, path).not.toMatch(/vault|bank/)
    }
    expect((await narrow.call('GET', '/api/v1/environments')).body.environments).toHaveLength(1)
  })

  it('is no connection: those of other places are not listed, and nothing but the state is told of the others', async () => {
    const { administrator } = ui.server
    const [mine] = (await ui.call('GET', '/connections')).connections
    const made = await administrator.call('POST', '/api/v1/connections', {
      draft: {
        name: 'Treasury',
        kind: 'github',
        host: 'https://git.treasury.example',
        settings: { ...mine.settings, owner: 'treasury-owner', username: 'treasury-user' },
      },
      credential: { token: `ghp_${'x'.repeat(36)}` },
      insist: true,
    })
    expect(made.status, made.text).toBe(201)
    const { id } = made.body
    const bind = (bindings: object[]) => administrator.call('PUT', `/api/v1/connections/${id}/bindings`, { bindings })
    await bind([{ project: 'bank', environment: '*' }])
    const list = async () => (await narrow.call('GET', '/api/v1/connections')).body.connections
    expect((await list()).map((one: { name: string }) => one.name)).toEqual(['Acme'])
    const ask = (one: string) => answerOf(narrow, 'GET', `/api/v1/connections/${one}`, undefined, [one])
    expect(await ask(id)).toEqual(await ask(names['connection']![1]))
    expect((await ask(id)).status).toBe(404)
    expect((await narrow.call('GET', '/api/v1/gate?project=bank&environment=production')).body).toEqual({ open: false })
    expect((await narrow.call('GET', '/api/v1/gate?project=none&environment=production')).body).toEqual({ open: false })
    // Bound to a place of theirs too: then they have to understand why nothing deploys there.
    await bind([
      { project: 'bank', environment: '*' },
      { project: 'web', environment: '*' },
    ])
    const seen = (await list()).find((one: { id: string }) => one.id === id)
    expect(seen).toMatchObject({ name: 'Treasury', host: 'git.treasury.example', state: 'unproven' })
    expect(seen.bindings).toEqual([{ project: 'web', environment: '*' }])
    expect(Object.keys(seen).sort()).toEqual(['bindings', 'host', 'id', 'isDefault', 'kind', 'name', 'reason', 'state'])
    const gate = (await narrow.call('GET', '/api/v1/gate?project=web&environment=staging')).body
    expect(gate).toMatchObject({ open: false, connection: { name: 'Treasury' } })
    expect(JSON.stringify([await list(), gate])).not.toMatch(/treasury-owner|treasury-user|octo|"settings"|"proof"/)
    expect((await ui.call('GET', `/connections/${id}`)).settings.owner).toBe('treasury-owner')
    await ui.call('DELETE', `/connections/${id}`)
  })
})
