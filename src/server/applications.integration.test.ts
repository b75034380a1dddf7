import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleFleet } from '../../test/harness/local-fixture.ts'
import { helmForTests } from '../engine/helmrelease/testing/helm-path.ts'
import { ChartRepositoryStandIn, packChart } from '../engine/testing/chart-repository.ts'
import { bootstrapLocal } from '../local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../local/start-local.ts'
import { generateIdentity } from '../sops/index.ts'
import type { ApplicationChange } from './contract/application-changes.ts'
import type { ChangePreview } from './contract/change-preview.ts'
import type { Job } from './contract/live.ts'
import { startTestServer, type TestPerson, type TestServer } from './testing/test-server.ts'

const helm = await helmForTests()
const canary = 'canary-secret-41c7'

let dir: string
let system: LocalSystem
let test: TestServer
let admin: TestPerson
const stop = new AbortController()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-apps-'))
  if (helm !== undefined) process.env['SLUICE_HELM'] = helm
  system = await startLocal({ dataDir: dir, organization: 'acme', signal: stop.signal, machineReadyAfterMs: 0 })
  const fleet = await exampleFleet()
  const report = await bootstrapLocal(system, { fleet, dataDir: dir, signal: stop.signal, timeoutMs: 60_000 })
  if (report.error) throw report.error
  const { identity } = generateIdentity()
  await system.client.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sops-age', namespace: 'flux-system' },
    stringData: { 'age.agekey': identity.reveal() },
  })
  test = await startTestServer({ client: system.client })
  admin = test.administrator
}, 120_000)
afterAll(async () => {
  await test?.close()
  stop.abort(new Error('the test is over'))
  await system?.close()
  await rm(dir, { recursive: true, force: true })
})

async function ended(job: Job): Promise<Job> {
  for (;;) {
    const now = (await admin.call('GET', `/api/v1/jobs/${job.id}`)).body as Job
    if (now.state !== 'running') return now
    await new Promise(done => setTimeout(done, 50))
  }
}
const preview = async (change: ApplicationChange): Promise<ChangePreview> => {
  const { status, body, text } = await admin.call('POST', '/api/v1/applications/changes/preview', { change })
  expect(status, text).toBe(200)
  return body
}
const apply = async (change: ApplicationChange, more: object = {}) => {
  const { tip } = await preview(change)
  const started = await admin.call('POST', '/api/v1/applications/changes', {
    change,
    tip,
    follow: helm !== undefined,
    ...more,
  })
  expect(started.status, started.text).toBe(202)
  return ended(started.body)
}
const addEnvironment = async (name: string, order: number) => {
  const change = { kind: 'write', name, spec: { order }, create: true }
  const looked = await admin.call('POST', '/api/v1/environments/changes/preview', { change })
  expect(looked.status, looked.text).toBe(200)
  const made = await admin.call('POST', '/api/v1/environments/changes', { change, tip: looked.body.tip })
  expect(made.status, made.text).toBe(202)
  expect(await ended(made.body)).toMatchObject({ state: 'done' })
}
const get = async (path: string) => {
  const { status, body, text } = await admin.call('GET', path)
  expect(status, text).toBe(200)
  return body
}

describe('applications', () => {
  it('are refused everywhere while the gate is closed', async () => {
    expect(await get('/api/v1/repository')).toMatchObject({ state: 'no-connection' })
    for (const [path, change] of [
      ['/api/v1/environments/changes', { kind: 'write', name: 'staging', spec: {} }],
      [
        '/api/v1/applications/changes',
        { kind: 'create', name: 'shop', project: 'web', chart: { kind: 'Template', name: 'worker', version: '1.0.0' } },
      ],
    ] as const) {
      const { status, body } = await admin.call('POST', path, { change, tip: '0'.repeat(40) })
      expect([status, body.error.code], path).toEqual([409, 'E_GATE_CLOSED'])
    }
    const settings = {
      owner: 'acme',
      personal: false,
      repository: 'fleet',
      branch: 'main',
      repositoryTemplate: '{app}-config',
      visibility: 'private',
      review: 'auto',
    }
    const draft = { name: 'Acme', kind: 'github', host: system.forge.url, settings }
    const credential = { token: system.token.reveal() }
    const validated = await ended(
      (await admin.call('POST', '/api/v1/connections/validate', { draft, credential })).body,
    )
    const saved = await admin.call('POST', '/api/v1/connections', { draft, credential, validation: validated.id })
    expect(saved.status, saved.text).toBe(201)
    await addEnvironment('staging', 1)
    await addEnvironment('production', 2)
    const { environments } = await get('/api/v1/environments')
    expect(environments.map((one: { name: string }) => one.name)).toEqual(['staging', 'production'])
  })

  it('are created from a template by one readable commit, and followed until they are healthy', async () => {
    const { templates } = await get('/api/v1/templates')
    const { version } = templates.find((one: { name: string }) => one.name === 'web-service')
    const change: ApplicationChange = {
      kind: 'create',
      name: 'shop',
      project: 'web',
      chart: { kind: 'Template', name: 'web-service', version },
      values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' }, replicas: 1 },
      environments: [{ environment: 'staging' }],
    }
    const looked = await preview(change)
    expect(looked.message).toMatch(/^Create shop in staging\n/)
    expect(looked.files.map(one => one.path)).toContain('apps/shop/staging/release.yaml')
    expect(looked.environments).toMatchObject([{ environment: 'staging', change: 'new', problems: [] }])
    const job = await apply(change)
    expect(job, JSON.stringify(job)).toMatchObject({ state: 'done' })
    const shop = await get('/api/v1/applications/shop')
    expect(shop.lastChange.author.name).toBe('admin')
    if (helm === undefined) return
    expect(shop.deployments).toMatchObject([{ environment: 'staging', agrees: true, health: { state: 'healthy' } }])
    const { stages } = await get('/api/v1/applications/shop/timeline?environment=staging')
    expect(stages.map((one: { state: string }) => one.state)).toEqual(['done', 'done', 'done', 'done', 'done'])
  }, 120_000)

  it('take values as data or YAML, and say by path what is wrong', async () => {
    const check = async (body: object) => (await admin.call('POST', '/api/v1/values/check', body)).body
    const wrong = await check({ app: 'shop', environment: 'staging', yaml: '# how many\nreplicas: many\n' })
    expect(wrong.problems).toMatchObject([{ path: ['replicas'], line: 2 }])
    expect((await check({ app: 'shop', yaml: 'a: [' })).problems[0].line).toBeGreaterThan(0)
    const change = { kind: 'values', app: 'shop', environment: 'staging', yaml: '# how many\nreplicas: 2\n' } as const
    expect((await preview(change)).environments[0]!.values).toEqual([{ path: ['replicas'], before: 1, after: 2 }])
    expect(await apply(change, { follow: false })).toMatchObject({ state: 'done' })
    const values = await get('/api/v1/applications/shop/values?environment=staging')
    expect(values).toMatchObject({ override: { replicas: 2 }, effective: { replicas: 2, image: { tag: '1.0.0' } } })
    expect(values.text.override).toContain('# how many')
    expect(values.overridden).toEqual([{ path: ['replicas'], from: 'override', base: 1, value: 2 }])
  }, 120_000)

  it('seal secrets, which are read back as set and nothing more', async () => {
    const plain = {
      kind: 'values',
      app: 'shop',
      environment: 'staging',
      values: { secrets: { TOKEN: canary } },
    } as const
    expect((await preview(plain)).environments[0]!.problems[0]!.path).toEqual(['secrets', 'TOKEN'])
    const { tip } = await preview(plain)
    const refused = await admin.call('POST', '/api/v1/applications/changes', { change: plain, tip })
    expect(refused.body.error.code).toBe('E_APP_VALUES')
    const change: ApplicationChange = {
      kind: 'values',
      app: 'shop',
      environment: 'staging',
      secrets: [{ path: ['secrets', 'TOKEN'], value: canary }],
    }
    const looked = await preview(change)
    expect(JSON.stringify(looked)).not.toContain(canary)
    const job = await apply(change)
    expect(job, JSON.stringify(job)).toMatchObject({ state: 'done' })
    const values = await get('/api/v1/applications/shop/values?environment=staging')
    expect(values.secrets).toEqual([{ path: ['secrets', 'TOKEN'], set: true }])
    expect(JSON.stringify(values) + JSON.stringify(job)).not.toContain(canary)
    if (helm === undefined) return
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace: 'shop-staging', name: 'shop' }
    const data = (await system.client.get(ref))['data'] as Record<string, string>
    expect(Buffer.from(data['TOKEN'] ?? '', 'base64').toString()).toBe(canary)
  }, 120_000)

  it('refuse a change of what somebody else changed since', async () => {
    const first = await preview({ kind: 'image', app: 'shop', environment: 'staging', tag: '1.0.1' })
    const change = { kind: 'suspend', app: 'shop', environment: 'staging', suspended: false } as const
    expect(
      await apply({ kind: 'image', app: 'shop', environment: 'staging', tag: '1.1.0' }, { follow: false }),
    ).toMatchObject({ state: 'done' })
    void change
    const late = await admin.call('POST', '/api/v1/applications/changes', {
      change: { kind: 'image', app: 'shop', environment: 'staging', tag: '1.0.1' },
      tip: first.tip,
    })
    expect(await ended(late.body)).toMatchObject({ state: 'failed', error: { code: 'E_APP_CHANGED' } })
  }, 120_000)

  it.skipIf(helm === undefined)(
    'show what would be rendered, and what the cluster says of it',
    async () => {
      const change = { kind: 'image', app: 'shop', environment: 'staging', tag: '1.2.0' } as const
      const { status, body, text } = await admin.call('POST', '/api/v1/applications/changes/rendered', { change })
      expect(status, text).toBe(200)
      expect(body.manifest[0], text).toMatchObject({ environment: 'staging', state: 'done' })
      const deployment = body.manifest[0].objects.find((one: { object: string }) =>
        one.object.startsWith('Deployment/'),
      )
      expect(deployment.diff).toContain('+            image: ghcr.io/acme/shop:1.2.0'.replace(/^\+ +/, '').slice(0, 10))
      expect(
        body.cluster[0].objects.some((one: { change: string }) => one.change === 'update'),
        text,
      ).toBe(true)
      expect(text).not.toContain(canary)
      expect(text).not.toContain(Buffer.from(canary).toString('base64'))
    },
    60_000,
  )

  it.skipIf(helm === undefined)(
    'name the image that cannot be pulled and its line in Git, and go back by a commit',
    async () => {
      const broken = await apply({ kind: 'image', app: 'shop', environment: 'staging', tag: '2.0.0-imagepullbackoff' })
      expect(broken, JSON.stringify(broken)).toMatchObject({ state: 'failed', error: { code: 'E_APP_UNHEALTHY' } })
      expect(broken.error!.message + broken.error!.seen).toContain('imagepullbackoff')
      const timeline = await get('/api/v1/applications/shop/timeline?environment=staging')
      expect(timeline.culprit).toMatchObject({
        file: 'apps/shop/staging/release.yaml',
        object: 'Deployment/shop-staging/shop',
      })
      expect(timeline.culprit.line).toBeGreaterThan(1)
      // The list says the same as the page, although only the page's timeline asked the Pods.
      const { applications } = await get('/api/v1/applications')
      const { health } = applications[0].deployments.find(
        (one: { environment: string }) => one.environment === 'staging',
      )
      if (health.state === 'progressing') expect(health.stuck).toMatchObject({ object: 'Deployment/shop-staging/shop' })
      else expect(health.state).toBe('failed')
      const { releases } = await get('/api/v1/applications/shop/releases?environment=staging')
      expect(releases[0].values[0]).toMatchObject({ path: ['image', 'tag'], after: '2.0.0-imagepullbackoff' })
      const commit = releases[1].commit.sha
      const back = { kind: 'restore', app: 'shop', environment: 'staging', commit } as const
      expect((await preview(back)).environments[0]!.values).toEqual([
        { path: ['image', 'tag'], before: '2.0.0-imagepullbackoff', after: '1.1.0' },
      ])
      const restored = await apply(back)
      expect(restored, JSON.stringify(restored)).toMatchObject({ state: 'done' })
      const healed = (await get('/api/v1/applications')).applications[0].deployments
      expect(JSON.stringify(healed)).not.toContain('imagepullbackoff')
      const compare = await get(
        `/api/v1/applications/shop/compare?environment=staging&from=${commit}&to=${releases[0].commit.sha}&rendered=true`,
      )
      expect(compare.rendered, JSON.stringify(compare)).toMatchObject({ state: 'done' })
    },
    120_000,
  )

  it('are promoted, and removed with what goes', async () => {
    expect(
      await apply({ kind: 'deploy', app: 'shop', environment: 'production', override: { replicas: 3 } }),
    ).toMatchObject({ state: 'done' })
    expect(
      await apply({ kind: 'image', app: 'shop', environment: 'staging', tag: '1.3.0' }, { follow: false }),
    ).toMatchObject({ state: 'done' })
    const promoted = await preview({ kind: 'promote', app: 'shop', from: 'staging', to: 'production' })
    expect(promoted.environments).toMatchObject([
      { environment: 'production', values: [{ path: ['image', 'tag'], after: '1.3.0' }] },
    ])
    expect(await apply({ kind: 'promote', app: 'shop', from: 'staging', to: 'production' })).toMatchObject({
      state: 'done',
    })
    const gone = await preview({ kind: 'remove', app: 'shop', environment: 'production' })
    if (helm !== undefined) expect(gone.goes).toContain('Deployment/shop-production/shop')
    const removed = await apply({ kind: 'remove', app: 'shop', environment: 'production' })
    expect(removed, JSON.stringify(removed)).toMatchObject({ state: 'done' })
    expect((await get('/api/v1/applications/shop')).deployments).toHaveLength(1)
    const { points } = await get('/api/v1/latency?application=shop')
    expect(points.length).toBeGreaterThan(0)
  }, 120_000)

  it('are seen and changed only where a role reaches', async () => {
    const dev = await test.person('dev', [{ role: 'operator', project: 'web', environment: 'staging' }])
    const other = await test.person('other', [{ role: 'operator', project: 'data', environment: '*' }])
    expect((await dev.call('GET', '/api/v1/applications')).body.applications).toHaveLength(1)
    expect((await other.call('GET', '/api/v1/applications')).body.applications).toHaveLength(0)
    expect((await other.call('GET', '/api/v1/applications/shop')).status).toBe(404)
    expect((await other.call('GET', '/api/v1/applications/shop/values?environment=staging')).status).toBe(404)
    expect((await dev.call('GET', '/api/v1/applications/shop/values?environment=staging')).status).toBe(200)
    const ask = (person: TestPerson, change: ApplicationChange) =>
      person.call('POST', '/api/v1/applications/changes/preview', { change })
    expect((await ask(dev, { kind: 'image', app: 'shop', environment: 'staging', tag: '9' })).status).toBe(200)
    expect((await ask(dev, { kind: 'deploy', app: 'shop', environment: 'production' })).status).toBe(403)
    expect((await ask(other, { kind: 'image', app: 'shop', environment: 'staging', tag: '9' })).status).toBe(404)
    // Undoing the commit that took it out of production would bring it back there.
    const { releases } = await get('/api/v1/applications/shop/releases?environment=production')
    expect(releases[0].change).toBe('gone')
    const undo = { kind: 'revert', app: 'shop', commit: releases[0].commit.sha } as const
    const undone = await ask(dev, undo)
    expect([undone.status, undone.body.error?.code]).toEqual([404, 'E_NOT_FOUND'])
    const { environments, tip } = await preview(undo)
    expect(environments).toMatchObject([{ environment: 'staging' }, { environment: 'production', change: 'new' }])
    expect((await dev.call('POST', '/api/v1/applications/changes', { change: undo, tip })).status).toBe(404)
    // A promotion shows what it brings along.
    const releaser = await test.person('releaser', [{ role: 'operator', project: 'web', environment: 'production' }])
    const promotion = { kind: 'promote', app: 'shop', from: 'staging', to: 'production' } as const
    expect((await ask(releaser, promotion)).status).toBe(403)
    expect(test.log.join('\n')).not.toContain(canary)
  })

  it('are changed once, although the server was killed after the commit and before it said so', async () => {
    const { context } = test.server
    const change = { kind: 'image', app: 'shop', environment: 'staging', tag: '1.4.0' } as const
    const { tip } = await preview(change)
    const job = (await admin.call('POST', '/api/v1/applications/changes', { change, tip, follow: false })).body
    expect(await ended(job)).toMatchObject({ state: 'done' })
    const made = (await get('/api/v1/repository')).tip.sha
    expect(made).not.toBe(tip)
    // As a server leaves it that was killed there: pushed, the job running, neither result nor entry.
    const gone = { state: 'running', server_id: 'killed', ended_at: null, result: null } as const
    await context.store.db.updateTable('jobs').set(gone).where('id', '=', job.id).execute()
    await context.jobs.takeOrphans()
    const told = await ended(job)
    expect(told).toMatchObject({ state: 'failed', error: { code: 'E_SERVER_ENDED' } })
    expect(told.error!.next).toContain('Look at what came of it')
    const { entries } = await get('/api/v1/audit?action=application.change&limit=1')
    expect(entries).toMatchObject([{ who: 'admin', outcome: 'failed', detail: { error: 'E_SERVER_ENDED' } }])
    // The same change again, from where the person stood, and from what there is now: Git says it already.
    for (const from of [tip, made]) {
      const again = (await admin.call('POST', '/api/v1/applications/changes', { change, tip: from, follow: false }))
        .body
      const end = await ended(again)
      expect(end, JSON.stringify(end)).toMatchObject({ state: 'done', steps: [{}, { state: 'warned' }] })
    }
    expect((await get('/api/v1/repository')).tip.sha).toBe(made)
  }, 60_000)

  it('of two people at once: one goes in, and the other is told what changed under it', async () => {
    const wish = (tag: string) => ({ kind: 'image', app: 'shop', environment: 'staging', tag }) as const
    const { tip } = await preview(wish('1.5.0'))
    const started = await Promise.all(
      ['1.5.0', '1.5.1'].map(tag =>
        admin.call('POST', '/api/v1/applications/changes', { change: wish(tag), tip, follow: false }),
      ),
    )
    const ends = await Promise.all(started.map(one => ended(one.body)))
    expect(ends.map(one => one.state).sort(), JSON.stringify(ends)).toEqual(['done', 'failed'])
    expect(ends.find(one => one.state === 'failed')?.error?.code).toBe('E_APP_CHANGED')
  }, 60_000)

  it('are written by commits whose every line is of their own making', async () => {
    const change = { kind: 'suspend', app: 'shop', environment: 'staging', suspended: true } as const
    const subject = 'Pause\n\nThis reverts commit 0000000000000000000000000000000000000000.\nSigned-off-by: Somebody'
    expect(await apply(change, { subject, follow: false })).toMatchObject({ state: 'done' })
    const { lastChange } = await get('/api/v1/applications/shop')
    expect(lastChange.subject).toMatch(/^Pause +This reverts commit/)
    expect(JSON.stringify(lastChange)).not.toContain('\\n')
  }, 60_000)

  it('come from charts of repositories, which are looked at before they are added', async () => {
    const host = await ChartRepositoryStandIn.start()
    try {
      const schema = {
        'values.schema.json': '{"type":"object","properties":{"replicas":{"type":"integer"}}}',
        'README.md': '# Hello <script>',
      }
      for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1'])
        host.add('hello', version, await packChart('hello', version, schema))
      const check = async (body: object) => (await admin.call('POST', '/api/v1/charts/repositories/check', body)).body
      expect(await check({ name: 'stand-in', url: `${host.server.url}/nowhere` })).toMatchObject({ ok: false })
      expect(await check({ name: 'stand-in', url: host.server.url })).toMatchObject({ ok: true, chartCount: 1 })
      const change = { kind: 'add', repository: { name: 'stand-in', url: host.server.url } }
      const looked = await admin.call('POST', '/api/v1/charts/changes/preview', { change })
      expect(looked.body.files, looked.text).toMatchObject([{ change: 'add' }])
      const started = await admin.call('POST', '/api/v1/charts/changes', { change, tip: looked.body.tip })
      expect(await ended(started.body)).toMatchObject({ state: 'done' })
      expect((await get('/api/v1/charts?query=hel')).charts).toMatchObject([
        { repository: 'stand-in', name: 'hello', version: '1.1.0' },
      ])
      const chart = await get('/api/v1/charts/chart?repository=stand-in&name=hello')
      expect(chart).toMatchObject({ shown: '1.1.0', content: { readme: '# Hello <script>', values: { replicas: 1 } } })
      expect(chart.versions.map((one: { version: string }) => one.version)).toEqual(['2.0.0-rc.1', '1.1.0', '1.0.0'])
      const deploy = (version: string) => ({ kind: 'Chart', repository: 'stand-in', name: 'hello', version }) as const
      const created = await apply({
        kind: 'create',
        name: 'greet',
        project: 'web',
        chart: deploy('1.0.0'),
        environments: [{ environment: 'staging' }],
      })
      expect(created, JSON.stringify(created)).toMatchObject({ state: 'done' })
      const upgraded = await preview({ kind: 'chart', app: 'greet', environment: 'staging', chart: deploy('1.1.0') })
      expect(upgraded.environments[0]!.chart).toMatchObject({ after: { version: '1.1.0' } })
      expect(await apply({ kind: 'chart', app: 'greet', chart: deploy('1.1.0') })).toMatchObject({ state: 'done' })
      const inUse = await admin.call('POST', '/api/v1/charts/changes/preview', {
        change: { kind: 'remove', name: 'stand-in' },
      })
      expect(inUse.body.error).toMatchObject({ code: 'E_APP_EXISTS', seen: 'greet' })
      expect(await apply({ kind: 'remove', app: 'greet' })).toMatchObject({ state: 'done' })
    } finally {
      await host.close()
    }
  }, 120_000)
})
