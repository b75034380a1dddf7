import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestIssuer, type TestIssuer, testClient } from '../../src/access/testing/issuer.ts'
import { Secret } from '../../src/secrets/secret.ts'
import { personOf, type TestPerson } from '../../src/server/testing/test-server.ts'
import { inChromium } from './chromium.ts'
import { type FleetConsole, startFleetConsole } from './fleet-console.ts'
import { poison, poisonedCharts, poisonedHost } from './poison.ts'
import { Walk } from './walk.ts'

const everything = { role: 'administrator', project: '*', environment: '*' } as const

inChromium('texts from Git, charts, clusters, hosts and issuers', () => {
  let ui: FleetConsole
  let issuer: TestIssuer
  let charts: Awaited<ReturnType<typeof poisonedCharts>>
  let host: Awaited<ReturnType<typeof poisonedHost>>
  /** Whose very name is poison, by the word of the issuer; an administrator by a group. */
  let mallory: TestPerson

  beforeAll(async () => {
    ;[issuer, charts, host] = await Promise.all([startTestIssuer(), poisonedCharts(), poisonedHost()])
    issuer.state.claims = {
      sub: poison('subject'),
      name: poison('person'),
      preferred_username: `mallory ${poison('user name')}`,
      groups: ['admins'],
    }
    ui = await startFleetConsole({
      oidc: {
        issuer: issuer.url,
        clientId: testClient.id,
        clientSecret: Secret.of(testClient.secret),
        title: poison('issuer title'),
        groupGrants: { admins: [everything] },
      },
    })
    await ui.connect()
  }, 120_000)
  afterAll(async () => {
    await ui?.close()
    await Promise.all([issuer?.close(), charts?.close(), host?.close()])
  })

  it('from an issuer stay texts on the way in', async () => {
    const tab = await ui.open({ person: null })
    const walk = new Walk(tab, ui.server.url)
    tab.allow('status of 401')
    for (const problem of ['E_OIDC', poison('problem'), `javascript:console.error('ran')`]) {
      await tab.goto(
        `/sign-in?problem=${encodeURIComponent(problem)}&returnTo=${encodeURIComponent('javascript:alert(1)')}`,
      )
      await walk.look(`sign-in with ${problem}`)
    }
    await tab.page
      .getByText(/Sign in with/)
      .first()
      .waitFor()
    await tab.close()
    const { context } = ui.server.server
    // The browser goes to the issuer and back; what it brings is the same for a program that follows.
    const begun = await fetch(`${ui.server.url}/api/v1/oidc/begin`, { redirect: 'manual' })
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0]!
    const back = await fetch(begun.headers.get('location')!, { redirect: 'manual' })
    const done = await fetch(back.headers.get('location')!, {
      redirect: 'manual',
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
    })
    const session = done.headers.getSetCookie().find(one => /^sluice-\d+=/.test(one))!
    const user = (await context.access.users.list()).find(one => one.oidcIssuer !== undefined)!
    mallory = personOf(ui.server.url, user.id, user.name, { cookie: session.split(';')[0]! })
    expect((await mallory.call('GET', '/api/v1/session')).body.person.name).toContain('<img')
  }, 60_000)

  it('are written down as texts: by commits, charts, objects and failures', async () => {
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await mallory.call(method, `/api/v1${path}`, body)
      expect(answer.status, `${method} ${path}: ${answer.text.slice(0, 500)}`).toBeLessThan(400)
      return answer.body
    }
    const ended = async (id: string) => {
      for (;;) {
        const job = await call('GET', `/jobs/${id}`)
        if (job.state !== 'running') return job
        await new Promise(done => setTimeout(done, 50))
      }
    }
    const change = async (routes: string, wish: object, subject: string) => {
      const { tip } = await call('POST', `${routes}/changes/preview`, { change: wish })
      const job = await ended((await call('POST', `${routes}/changes`, { change: wish, tip, subject })).id)
      expect(job.error, JSON.stringify(job)).toBeUndefined()
    }
    const spec = { title: poison('environment title'), order: 0 }
    await change('/environments', { kind: 'write', name: 'evil', spec, create: true }, poison('subject'))
    await change('/charts', { kind: 'add', repository: { name: 'evil', url: charts.url } }, 'Add charts')
    await change(
      '/applications',
      {
        kind: 'create',
        name: 'trap',
        project: 'web',
        title: poison('title'),
        description: poison('description'),
        owners: [poison('owner')],
        chart: { kind: 'Template', name: 'worker', version: '1.0.0' },
        values: { image: { repository: 'ghcr.io/acme/trap', tag: '1.0.0' }, env: { TRAP: poison('value') } },
        environments: [{ environment: 'evil' }],
      },
      poison('create'),
    )
    const values = { image: { repository: 'ghcr.io/acme/trap', tag: '1.0.1' }, env: { TRAP: poison('override') } }
    await change(
      '/applications',
      { kind: 'values', app: 'trap', environment: 'evil', yaml: `# ${poison('comment')}\n${JSON.stringify(values)}\n` },
      poison('change'),
    )
    const { client } = ui.system
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'trap', namespace: 'flux-system' } }
    await client.apply({ ...map, data: { a: poison('data') } } as never, {
      fieldManager: '<img src=x data-poison="manager">',
    })
    for (const [kind, name] of [
      ['Kustomization', 'flux-system'],
      ['Kustomization', 'trap-evil'],
    ] as const)
      await client.create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `evil.${name}`, namespace: 'flux-system' },
        involvedObject: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind, namespace: 'flux-system', name },
        reason: poison('event reason').slice(0, 120),
        message: poison('event message'),
        source: { component: poison('component').slice(0, 120) },
        type: 'Warning',
        lastTimestamp: new Date().toISOString(),
        count: 1,
      } as never)
    await client.create({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'hostile', namespace: 'flux-system' },
      spec: {
        interval: '1h',
        prune: true,
        path: `./${poison('path').replaceAll('//', '')}`,
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    } as never)
    // A Git host that does not hold, and its words.
    const settings = {
      owner: poison('organization').slice(0, 390),
      personal: false,
      repository: 'fleet',
      branch: 'main',
      repositoryTemplate: '{app}',
      visibility: 'private',
      review: 'auto',
    }
    const draft = { name: poison('host').slice(0, 100), kind: 'github', host: host.url, settings }
    const credential = { token: `ghp_${'x'.repeat(36)}` }
    const validated = await call('POST', '/connections/validate', { draft, credential })
    await ended(validated.id)
    await call('POST', '/connections', { draft, credential, validation: validated.id, insist: true })
    await call('POST', '/tokens', { name: poison('token').slice(0, 100), days: 1, grants: [everything] })
    await ui.server.anonymous.call('POST', '/api/v1/session', { name: poison('sign-in').slice(0, 200), password: 'x' })
  }, 120_000)

  it('make no element, run no script and ask for no other host, on any page and in any drawer', async () => {
    const cookie = { ...mallory }
    const connections = (await mallory.call('GET', '/api/v1/connections')).body.connections
    const evil = connections.find((one: { host: string }) => one.host === host.url)
    const tab = await ui.open({ person: cookie })
    tab.allow('the server responded with a status of')
    const walk = new Walk(tab, ui.server.url)
    await walk.visit('/charts/evil/evil')
    await tab.page.getByRole('heading', { name: 'readme' }).waitFor()
    await walk.settle('the README')
    for (const path of ['/applications', '/applications/trap', '/charts', '/charts/evil/evil', '/fleet', '/activity'])
      await walk.page(path)
    // In the editor of the values as they stand in Git, comments too.
    await walk.visit('/applications/trap?view=values&environment=evil')
    await tab.page.getByRole('tab', { name: 'YAML' }).click()
    await tab.page.getByRole('textbox', { name: 'Result as YAML' }).waitFor()
    await walk.settle('values as YAML')
    await walk.page('/reconciliation?q=hostile', 1)
    for (const path of [
      '/applications/new',
      '/charts?q=evil',
      '/fleet/default/prod',
      '/fleet/default/prod?tab=nodes',
      '/reconciliation',
      '/reconciliation?view=events',
      '/reconciliation?view=graph',
      '/tokens',
      '/account',
    ])
      await walk.visit(path)
    // What stands in an address comes with a load.
    for (const path of [
      `/${encodeURIComponent(poison('address'))}`,
      `/applications/${encodeURIComponent(poison('application address'))}`,
      `/charts/${encodeURIComponent(poison('chart address'))}/x`,
    ])
      await walk.load(path)
    for (const path of [`/gitops?connection=${evil.id}`, '/users']) await walk.page(path)
    await tab.close()
    const expected = [
      ...['person', 'user name', 'environment title', 'title', 'description', 'owner', 'value', 'override', 'subject'],
      ...['create', 'change', 'comment', 'chart description', 'keyword', 'maintainer', 'app version', 'readme code'],
      ...['event message', 'path', 'organization', 'host', 'host words', 'token', 'sign-in'],
    ]
    expect(
      expected.filter(name => !walk.seen.has(name)),
      'poison that no page has shown',
    ).toEqual([])
  }, 180_000)
})
