import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ChartRepositoryStandIn, packChart } from '../engine/testing/chart-repository.ts'
import { RegistryStandIn } from '../engine/testing/registry.ts'
import { type ConnectedServer, helmPath, startConnectedServer } from './testing/connected-server.ts'

const canary = 'canary-chart-login-93d0'
const more = {
  'README.md': '# Hello from a registry',
  'values.schema.json': '{"type":"object","properties":{"replicas":{"type":"integer","minimum":0}}}',
  'Chart.yaml': '',
}

let ui: ConnectedServer
let registry: RegistryStandIn
let http: ChartRepositoryStandIn
beforeAll(async () => {
  registry = await RegistryStandIn.start()
  http = await ChartRepositoryStandIn.start()
  for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '1.1.1+build.7']) await pushChart('hello', version)
  await pushChart('other', '0.1.0')
  http.add('hello', '1.0.0', await packChart('hello', '1.0.0'))
  ui = await startConnectedServer()
}, 120_000)
afterAll(async () => {
  await ui?.close()
  await registry?.close()
  await http?.close()
})

async function pushChart(name: string, version: string): Promise<void> {
  const chart = `apiVersion: v2\nname: ${name}\nversion: ${version}\ndescription: Says hello\nappVersion: "9"\n`
  const bytes = await packChart(name, version, { ...more, 'Chart.yaml': chart })
  const layer = registry.blob(bytes, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip')
  const config = registry.blob('{}', 'application/vnd.cncf.helm.config.v1+json')
  registry.manifest(`charts/${name}`, version.replaceAll('+', '_'), { config, layers: [layer] })
}

const url = () => `oci://${registry.host}/charts`
const check = (body: object) => ui.call('POST', '/charts/repositories/check', body)
const repository = async (name: string) =>
  (await ui.call('GET', '/charts/repositories')).repositories.find((one: { name: string }) => one.name === name)
const until = (name: string, state: string) =>
  expect.poll(async () => (await repository(name))?.state, { timeout: 20_000, interval: 200 }).toBe(state)
const chart = (version: string, name = 'hello') => ({ kind: 'Chart', repository: 'oci', name, version }) as const

describe('charts of a registry', () => {
  it('are checked with their login before the registry is added, and the login is sealed for this host alone', async () => {
    registry.auth = { kind: 'token', username: 'robot', password: canary }
    const wish = { name: 'oci', url: url(), charts: ['hello'] }
    expect(await check(wish)).toMatchObject({ ok: false, checks: [{ state: 'failed' }] })
    const wrong = await check({ ...wish, username: 'robot', password: 'nothing-like-it' })
    expect(wrong.checks[0]).toMatchObject({ state: 'failed', next: expect.stringContaining('password') })
    const half = await ui.server.administrator.call('POST', '/api/v1/charts/repositories/check', {
      ...wish,
      password: canary,
    })
    expect([half.status, half.body.error.code]).toEqual([400, 'E_REQUEST_INVALID'])
    const login = { username: 'robot', password: canary }
    expect(await check({ ...wish, ...login, charts: ['hello', 'nowhere'] })).toMatchObject({
      ok: false,
      checks: [{ said: expect.stringContaining('nowhere: ') }],
    })
    expect(await check({ ...wish, ...login })).toMatchObject({ ok: true, chartCount: 1 })

    const change = { kind: 'add', repository: { ...wish, ...login } }
    const preview = await ui.call('POST', '/charts/changes/preview', { change })
    expect(preview.files.map((one: { path: string }) => one.path).sort()).toEqual([
      'chart-logins/oci.yaml',
      'clusters/mgmt/sluice-charts/_logins.yaml',
      'clusters/mgmt/sluice-charts/oci.yaml',
    ])
    expect(JSON.stringify(preview)).not.toContain(canary)
    const job = await ui.change('/charts', change)
    expect(JSON.stringify(job)).not.toContain(canary)
    await until('oci', 'ready')
    expect(await repository('oci')).toMatchObject({ type: 'oci', hasCredentials: true, chartCount: 1 })

    const secret = await ui.system.client.get({
      group: '',
      version: 'v1',
      kind: 'Secret',
      namespace: 'flux-system',
      name: 'oci-login',
    })
    expect(secret['type']).toBe('kubernetes.io/dockerconfigjson')
    const config = Buffer.from((secret['data'] as Record<string, string>)['.dockerconfigjson']!, 'base64').toString()
    expect(Object.keys(JSON.parse(config).auths)).toEqual([registry.host])
    const { state } = ui.server.server.context.repository.known
    for (const { path } of preview.files) expect((await state!.tree.read(path))!.toString(), path).not.toContain(canary)
  }, 60_000)

  it('have their tags as versions, and README, values and schema out of the archive', async () => {
    const found = await ui.call('GET', '/charts/chart?repository=oci&name=hello')
    expect(found).toMatchObject({
      shown: '1.1.1+build.7',
      description: 'Says hello',
      appVersion: '9',
      content: { readme: '# Hello from a registry', values: { replicas: 1 }, schema: { type: 'object' } },
    })
    expect(found.versions.map((one: { version: string }) => one.version)).toEqual([
      '2.0.0-rc.1',
      '1.1.1+build.7',
      '1.1.0',
      '1.0.0',
    ])
    expect((await ui.call('GET', '/charts?query=hel')).charts).toMatchObject([{ repository: 'oci', name: 'hello' }])
  })

  it('are found by their address, when somebody asks who may deploy', async () => {
    const search = async (text: string, person = ui.server.administrator) =>
      (await person.call('GET', `/api/v1/charts?query=${encodeURIComponent(text)}`)).body.charts
    expect(await search(`${url()}/other:0.1.0`)).toMatchObject([{ repository: 'oci', name: 'other', version: '0.1.0' }])
    expect(await search(`${url()}/nowhere`)).toEqual([])
    expect(await search('oci://elsewhere.example/charts/other')).toEqual([])
    const viewer = await ui.server.person('vera', [{ role: 'viewer', project: '*', environment: '*' }])
    expect(await search(`${url()}/other`, viewer)).toEqual([])
    const refused = await viewer.call('GET', '/api/v1/charts/chart?repository=oci&name=other')
    expect(refused.body.error.code).toBe('E_CHART_NOT_FOUND')
    expect(await ui.call('GET', '/charts/chart?repository=oci&name=other')).toMatchObject({ shown: '0.1.0' })
    await ui.change('/charts', { kind: 'charts', name: 'oci', charts: ['hello', 'other'] })
    await expect.poll(() => search('other', viewer), { timeout: 10_000 }).toHaveLength(1)
  }, 30_000)

  it('are deployed, upgraded with the diff, and uninstalled with the list of what goes', async () => {
    const follow = helmPath !== undefined
    await ui.change(
      '/applications',
      {
        kind: 'create',
        name: 'greet',
        project: 'web',
        chart: chart('1.0.0'),
        environments: [{ environment: 'staging' }],
      },
      { follow },
    )
    const upgrade = { kind: 'chart', app: 'greet', environment: 'staging', chart: chart('1.1.1+build.7') }
    const looked = await ui.call('POST', '/applications/changes/preview', { change: upgrade })
    expect(looked.environments[0].chart).toMatchObject({ before: chart('1.0.0'), after: chart('1.1.1+build.7') })
    expect(looked.message).toContain('staging: chart 1.0.0 -> 1.1.1+build.7')
    await ui.change('/applications', upgrade, { follow })
    expect((await repository('oci')).usedBy).toEqual([{ application: 'greet', environment: 'staging' }])
    const inUse = ui.call('POST', '/charts/changes/preview', { change: { kind: 'remove', name: 'oci' } })
    await expect(inUse).rejects.toThrow('E_APP_EXISTS')
    const remove = { kind: 'remove', app: 'greet' }
    const gone = await ui.call('POST', '/applications/changes/preview', { change: remove })
    if (follow) expect(gone.goes).toContain('ConfigMap/greet-staging/greet')
    await ui.change('/applications', remove, { follow })
  }, 90_000)
})

describe('the login of a chart repository', () => {
  it('is changed only for one that the host takes, over HTTP too, and goes with the repository', async () => {
    http.login = `robot:${canary}`
    const add = {
      kind: 'add',
      repository: { name: 'plain', url: http.server.url, username: 'robot', password: canary },
    }
    await ui.change('/charts', add)
    await until('plain', 'ready')
    http.login = 'robot:next-of-it-7781'
    const login = (password: string) => ({ kind: 'login', name: 'plain', username: 'robot', password })
    const { tip } = await ui.call('POST', '/charts/changes/preview', { change: login('wrong') })
    const refused = await ui.server.administrator.call('POST', '/api/v1/charts/changes', {
      change: login('wrong'),
      tip,
    })
    expect(refused.body.error.code).toBe('E_CHART_REPOSITORY')
    const preview = await ui.call('POST', '/charts/changes/preview', { change: login('next-of-it-7781') })
    expect(preview.files.map((one: { path: string }) => one.path)).toEqual(['chart-logins/plain.yaml'])
    await ui.change('/charts', login('next-of-it-7781'))
    const secret = { group: '', version: 'v1', kind: 'Secret', namespace: 'flux-system', name: 'plain-login' }
    const password = async () => ((await ui.system.client.get(secret))['data'] as Record<string, string>)['password']
    await expect
      .poll(async () => Buffer.from((await password()) ?? '', 'base64').toString(), { timeout: 15_000 })
      .toBe('next-of-it-7781')
    await ui.change('/charts', { kind: 'remove', name: 'plain' })
    await expect.poll(() => ui.system.client.find(secret), { timeout: 15_000 }).toBeUndefined()
    const { state } = ui.server.server.context.repository.known
    expect(await state!.tree.entry('clusters/mgmt/sluice-charts/_logins.yaml')).toBeDefined()
    // One that the host still wants is not taken away.
    await expect(ui.change('/charts', { kind: 'login', name: 'oci' })).rejects.toThrow('E_CHART_REPOSITORY')
    registry.auth = { kind: 'none' }
    await ui.change('/charts', { kind: 'login', name: 'oci' })
    expect((await repository('oci')).hasCredentials).toBe(false)
    expect(await ui.server.server.context.repository.known.state!.tree.list('chart-logins')).toEqual([])
  }, 60_000)

  it('is nowhere in what the server says, keeps or logs', async () => {
    const { store } = ui.server.server.context
    const kept = JSON.stringify([
      await store.db.selectFrom('jobs').selectAll().execute(),
      await store.db.selectFrom('audit').selectAll().execute(),
    ])
    for (const text of [kept, ui.server.log.join('\n')]) expect(text).not.toMatch(/canary-chart-login|next-of-it-7781/)
    // It went to the host that it is for and nowhere else.
    expect(http.server.requests.some(one => one.authorization?.startsWith('Bearer'))).toBe(false)
  })
})
