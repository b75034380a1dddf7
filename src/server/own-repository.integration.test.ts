import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleFleet } from '../../test/harness/local-fixture.ts'
import { systemClock } from '../base/clock.ts'
import { helmForTests } from '../engine/helmrelease/testing/helm-path.ts'
import { createForge, type Forge } from '../forges/index.ts'
import { openMirror, writeFiles } from '../git/index.ts'
import { refuseLeftBehind } from '../gitops/move/left-behind.ts'
import { bootstrapLocal } from '../local/bootstrap-local.ts'
import { type LocalSystem, startLocal } from '../local/start-local.ts'
import { generateIdentity } from '../sops/index.ts'
import type { ApplicationChange } from './contract/application-changes.ts'
import type { ChangePreview } from './contract/change-preview.ts'
import type { Job } from './contract/live.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const helm = await helmForTests()
const follow = helm !== undefined
const canary = 'canary-own-5530'
const author = { name: 'Ana', email: 'ana@example.org' }

let dir: string
let system: LocalSystem
let test: TestServer
let forge: Forge
const stop = new AbortController()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-own-'))
  if (helm !== undefined) process.env['SLUICE_HELM'] = helm
  system = await startLocal({ dataDir: dir, organization: 'acme', signal: stop.signal, machineReadyAfterMs: 0 })
  const fleet = await exampleFleet()
  const report = await bootstrapLocal(system, { fleet, dataDir: dir, signal: stop.signal, timeoutMs: 60_000 })
  if (report.error) throw report.error
  await system.client.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'sops-age', namespace: 'flux-system' },
    stringData: { 'age.agekey': generateIdentity().identity.reveal() },
  })
  forge = createForge({
    kind: 'github',
    host: system.forge.url,
    token: system.token,
    clock: systemClock,
    userAgent: 'test',
  })
  await startServer()
  for (const [name, order] of [
    ['staging', 1],
    ['production', 2],
  ] as const)
    await applyTo('/environments', { kind: 'write', name, spec: { order }, create: true })
}, 120_000)
afterAll(async () => {
  await test?.close()
  await forge?.close()
  stop.abort(new Error('the test is over'))
  await system?.close()
  await rm(dir, { recursive: true, force: true })
})

/** A server with a database of its own, connected to the forge; the server that was before it in a folder that is named. */
async function startServer(dataDir?: string): Promise<void> {
  test = await startTestServer({ client: system.client, ...(dataDir === undefined ? {} : { dataDir }) })
  const isFirst = (await call('GET', '/connections')).connections.length === 0
  if (isFirst) await connect()
}

async function connect(): Promise<void> {
  const settings = {
    owner: 'acme',
    personal: false,
    repository: 'fleet',
    branch: 'main',
    repositoryTemplate: '{project}-{app}',
    visibility: 'private',
    review: 'auto',
  }
  const draft = { name: 'Acme', kind: 'github', host: system.forge.url, settings }
  const credential = { token: system.token.reveal() }
  const validated = await ended(await call('POST', '/connections/validate', { draft, credential }))
  await call('POST', '/connections', { draft, credential, validation: validated.id })
}

async function call(method: string, path: string, body?: unknown) {
  const { status, body: answer, text } = await test.administrator.call(method, `/api/v1${path}`, body)
  expect(status, text).toBeLessThan(300)
  return answer
}
const refusedCode = async (change: ApplicationChange): Promise<string> =>
  (await test.administrator.call('POST', '/api/v1/applications/changes/preview', { change })).body.error?.code
async function ended(job: Job): Promise<Job> {
  for (;;) {
    const now = (await call('GET', `/jobs/${job.id}`)) as Job
    if (now.state !== 'running') return now
    await new Promise(done => setTimeout(done, 50))
  }
}
const preview = (change: ApplicationChange): Promise<ChangePreview> =>
  call('POST', '/applications/changes/preview', { change })
async function applyTo(routes: string, change: object, more: object = {}): Promise<Job> {
  const { tip } = await call('POST', `${routes}/changes/preview`, { change })
  const job = await ended(await call('POST', `${routes}/changes`, { change, tip, ...more }))
  expect(job, JSON.stringify(job)).toMatchObject({ state: 'done' })
  return job
}
const apply = (change: ApplicationChange) => applyTo('/applications', change, { follow })
const tipOf = async (name: string): Promise<string | undefined> => {
  const mirror = await openMirror(join(dir, `look-${name}`))
  try {
    return (await mirror.fetch(forge.remote('acme', name), 'refs/heads/main')).commit
  } finally {
    mirror.close()
  }
}
const filesOf = async (name: string, folder: string): Promise<string[]> => {
  const mirror = await openMirror(join(dir, `look-${name}`))
  try {
    const { commit } = await mirror.fetch(forge.remote('acme', name), 'refs/heads/main')
    return (await mirror.tree(commit).list(folder)).map(one => one.name)
  } finally {
    mirror.close()
  }
}
const logOf = async (name: string): Promise<{ readonly commit: string; readonly subjects: readonly string[] }> => {
  const mirror = await openMirror(join(dir, `log-${name}`))
  try {
    const options = { depth: Number.POSITIVE_INFINITY }
    const { commit } = await mirror.fetch(forge.remote('acme', name), 'refs/heads/main', options)
    return { commit, subjects: (await mirror.log(commit, { limit: 100 })).map(one => one.subject) }
  } finally {
    mirror.close()
  }
}
async function fill(name: string, files: Record<string, string>): Promise<void> {
  await forge.createRepository({ owner: 'acme', personal: false, name, description: '', private: true })
  const mirror = await openMirror(join(dir, `fill-${name}`))
  const changes = Object.entries(files).map(([path, content]) => ({ path, content }))
  await writeFiles({ mirror, remote: forge.remote('acme', name), branch: 'main', changes, message: 'Begin', author })
  mirror.close()
}

const web = { kind: 'Template', name: 'web-service', version: '1.0.0' } as const
const creation = (name: string, more: object = {}): ApplicationChange => ({
  kind: 'create',
  name,
  project: 'web',
  chart: web,
  values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' }, replicas: 1 },
  environments: [{ environment: 'staging' }],
  repository: 'own',
  ...more,
})

describe('an application with a repository of its own', () => {
  it('is shown as a repository and two commits before anything is made', async () => {
    expect(await call('GET', '/applications/place?name=shop&project=web')).toMatchObject({
      repository: 'acme/web-shop',
    })
    const looked = await preview(creation('shop'))
    expect(looked.commits).toMatchObject([
      { repository: 'acme/web-shop', makes: true },
      { repository: 'acme/fleet', makes: false, message: 'Add shop, which stands in acme/web-shop\n' },
    ])
    expect(looked.commits![0]!.files).toEqual(
      expect.arrayContaining(['.sluice.json', 'apps/shop/application.yaml', 'charts/web-service-1.0.0/Chart.yaml']),
    )
    expect(looked.commits![1]!.files.map(path => path.split('/').slice(-2).join('/'))).toEqual(
      expect.arrayContaining(['shop/repository.yaml', 'shop/source.git.yaml', 'shop/staging.yaml']),
    )
    expect(await forge.repository('acme', 'web-shop')).toBeUndefined()
    if (!follow) return
    const rendered = await call('POST', '/applications/changes/rendered', { change: creation('shop') })
    expect(rendered.manifest[0], JSON.stringify(rendered)).toMatchObject({ environment: 'staging', state: 'done' })
    expect(JSON.stringify(rendered.manifest[0].objects)).toContain('ghcr.io/acme/shop:1.0.0')
  })

  it('is finished by another server with another database when the first ends between the commits', async () => {
    const change = creation('shop')
    const before = await tipOf('fleet')
    const back = system.forge.misbehave({
      match: /POST \/acme\/fleet(\.git)?\/git-receive-pack/,
      times: 99,
      delayMs: 120_000,
      drop: true,
    })
    const { tip } = await preview(change)
    await call('POST', '/applications/changes', { change, tip, follow: false })
    // Its own repository has the commit; the fleet's takes none.
    await expect.poll(() => tipOf('web-shop').catch(() => undefined), { timeout: 30_000 }).toBeDefined()
    await test.close()
    back()
    expect(await filesOf('web-shop', 'apps/shop')).toContain('application.yaml')
    expect(await tipOf('fleet')).toBe(before)
    await startServer()
    expect((await call('GET', '/applications')).applications).toEqual([])
    const looked = await preview(change)
    expect(looked.notes).toEqual(['acme/web-shop has the application from an earlier try, which is finished now'])
    expect(looked.commits).toMatchObject([{ repository: 'acme/fleet' }])
    await apply(change)
    const shop = await call('GET', '/applications/shop')
    expect(shop.repository).toMatchObject({ title: 'acme/web-shop', branch: 'main' })
    if (follow) expect(shop.deployments).toMatchObject([{ agrees: true, health: { state: 'healthy' } }])
  }, 120_000)

  it('is made once and whole when the server ends at any of its effects: the next one goes on', async () => {
    const effects = [
      { name: 'till', match: /POST \/acme\/fleet(\.git)?\/git-receive-pack/, reached: 'pointer' },
      { name: 'desk', match: /POST \/acme\/web-desk(\.git)?\/git-receive-pack/, reached: 'commit' },
    ]
    for (const { name, match, reached } of effects) {
      await test.close()
      await startServer(join(dir, `server-${name}`))
      const back = system.forge.misbehave({ match, times: 99, delayMs: 120_000, drop: true })
      const change = creation(name)
      const { tip } = await preview(change)
      const job = (await call('POST', '/applications/changes', { change, tip, follow: false })) as Job
      const step = async () => ((await call('GET', `/jobs/${job.id}`)) as Job).steps.find(one => one.id === reached)
      await expect.poll(async () => (await step())?.state, { timeout: 30_000 }).toBe('running')
      await test.close()
      back()
      await startServer(join(dir, `server-${name}`))
      const end = await ended(job)
      expect(end, JSON.stringify(end)).toMatchObject({ state: 'done', result: { environments: [{}] } })
      expect((await call('GET', `/applications/${name}`)).repository).toMatchObject({ title: `acme/web-${name}` })
      for (const repository of [`web-${name}`, 'fleet']) {
        const { commit, subjects } = await logOf(repository)
        const made = subjects.filter(one => one.startsWith(repository === 'fleet' ? `Add ${name},` : `Create ${name}`))
        expect(made, subjects.join(', ')).toHaveLength(1)
        if (repository !== 'fleet') expect((end.result as { commit: string }).commit).toBe(commit)
      }
      await apply({ kind: 'remove', app: name })
    }
    await test.close()
    await startServer()
  }, 120_000)

  it('is changed by commits of its own repository, with history, comparison and the way back there', async () => {
    const fleet = await tipOf('fleet')
    await apply({ kind: 'values', app: 'shop', environment: 'staging', yaml: '# how many\nreplicas: 2\n' })
    await apply({ kind: 'image', app: 'shop', tag: '1.1.0' })
    expect(await tipOf('fleet')).toBe(fleet)
    const { releases } = await call('GET', '/applications/shop/releases?environment=staging')
    expect(releases).toHaveLength(3)
    const [newest, , first] = releases.map((one: { commit: { sha: string } }) => one.commit.sha)
    const compare = `/applications/shop/compare?environment=staging&from=${first}&to=${newest}&rendered=true`
    const compared = await call('GET', compare)
    expect(compared.values).toHaveLength(2)
    if (follow) expect(compared.rendered, JSON.stringify(compared.rendered)).toMatchObject({ state: 'done' })
    if (follow) expect(JSON.stringify(compared.rendered.objects)).toContain('ghcr.io/acme/shop:1.1.0')
    await apply({ kind: 'restore', app: 'shop', environment: 'staging', commit: first })
    expect(await call('GET', '/applications/shop/values?environment=staging')).toMatchObject({
      effective: { replicas: 1, image: { tag: '1.0.0' } },
    })
    if (!follow) return
    const timeline = await call('GET', '/applications/shop/timeline?environment=staging')
    expect(timeline.stages.map((one: { state: string }) => one.state)).toEqual(Array(5).fill('done'))
  }, 120_000)

  it('keeps its sealed secrets in its own repository, and tells the fleet that they have to be opened', async () => {
    const secrets = [{ path: ['secrets', 'TOKEN'], value: canary }]
    const change: ApplicationChange = { kind: 'values', app: 'shop', environment: 'staging', secrets }
    const looked = await preview(change)
    // The Kustomization opens sealed files before there is one.
    expect(looked.commits!.map(one => one.repository)).toEqual(['acme/fleet', 'acme/web-shop'])
    await apply(change)
    expect(await filesOf('web-shop', 'apps/shop/staging')).toContain('secrets.yaml')
    expect(JSON.stringify(await call('GET', '/applications/shop/values?environment=staging'))).not.toContain(canary)
    expect(test.log.join('\n')).not.toContain(canary)
  }, 120_000)

  it('goes to another environment, is promoted, and leaves it: what the cluster follows goes first', async () => {
    await apply({ kind: 'deploy', app: 'shop', environment: 'production', override: { replicas: 3 } })
    await apply({ kind: 'image', app: 'shop', environment: 'staging', tag: '1.2.0' })
    await apply({ kind: 'promote', app: 'shop', from: 'staging', to: 'production' })
    expect((await preview({ kind: 'revert', app: 'shop', commit: (await tipOf('web-shop'))! })).commits).toHaveLength(1)
    const inUse = await test.administrator.call('POST', '/api/v1/environments/changes/preview', {
      change: { kind: 'remove', name: 'production' },
    })
    expect(inUse.body.error).toMatchObject({ code: 'E_APP_EXISTS', seen: 'shop' })
    const looked = await preview({ kind: 'remove', app: 'shop', environment: 'production' })
    expect(looked.commits!.map(one => one.repository)).toEqual(['acme/fleet', 'acme/web-shop'])
    await apply({ kind: 'remove', app: 'shop', environment: 'production' })
    expect((await call('GET', '/applications/shop')).deployments).toHaveLength(1)
    expect(await filesOf('web-shop', 'apps/shop')).not.toContain('production')
    const place = { branch: 'main', path: '', interval: '', syncInterval: '', secret: 'flux-system' }
    const from = { ...place, url: `${system.forge.url}/acme/fleet.git` }
    const to = { ...place, url: 'https://git.example.com/acme/fleet.git' }
    const moved = (there: typeof to) => refuseLeftBehind(system.client, 'flux-system', from, there, stop.signal)
    await expect(moved(to)).rejects.toMatchObject({ code: 'E_GITOPS_NOT_MOVABLE' })
    await moved({ ...from, branch: 'next' })
    // On the same host by a deploy key: the token that they are fetched with would be gone.
    const [token, key] = ['https://git.example.com/acme/fleet.git', 'ssh://git@git.example.com/acme/fleet']
    const byKey = refuseLeftBehind(
      system.client,
      'flux-system',
      { ...from, url: token },
      { ...from, url: key },
      stop.signal,
    )
    await expect(byKey).rejects.toMatchObject({ code: 'E_GITOPS_NOT_MOVABLE' })
  }, 120_000)

  it('takes no repository that is there for something else, unless it is adopted', async () => {
    await fill('web-mail', { 'README.md': 'Ours since 2019.\n' })
    expect(await refusedCode(creation('mail'))).toBe('E_APP_REPOSITORY_TAKEN')
    const change = creation('mail', { adopt: true })
    const operator = await test.person('omar', [{ role: 'operator', project: 'web', environment: '*' }])
    const asked = await operator.call('POST', '/api/v1/applications/changes/preview', { change })
    expect([asked.status, asked.body.error.code]).toEqual([403, 'E_FORBIDDEN'])
    const taken = await operator.call('POST', '/api/v1/applications/changes/preview', { change: creation('mail') })
    expect(taken.text).not.toContain('README')
    const looked = await preview(change)
    expect(looked.notes).toEqual(['acme/web-mail is adopted; what stands there otherwise stays'])
    await apply(creation('mail', { adopt: true, environments: [] }))
    expect(await filesOf('web-mail', '')).toEqual(['.sluice.json', 'README.md', 'apps', 'charts'])
    expect(await refusedCode(creation('mail'))).toBe('E_APP_EXISTS')
  }, 120_000)

  it('may not give itself to another project in its own repository', async () => {
    const mirror = await openMirror(join(dir, 'other-project'))
    const remote = forge.remote('acme', 'web-mail')
    const { commit } = await mirror.fetch(remote, 'refs/heads/main')
    const text = (await mirror.tree(commit).read('apps/mail/application.yaml'))!.toString()
    const content = text.replace('project: web', 'project: finance')
    const changes = [{ path: 'apps/mail/application.yaml', content }]
    await writeFiles({ mirror, remote, branch: 'main', changes, message: 'Take it', author })
    mirror.close()
    test.server.context.repository.notifyOwn('mail')
    await expect
      .poll(async () => (await call('GET', '/applications')).broken[0]?.problems[0]?.message)
      .toMatch(/spec.project is finance, and apps\/mail\/repository.yaml of the fleet says web/)
  })

  it('is not read from, and not written to, a repository that was made anew under its name', async () => {
    const { tip } = await preview({ kind: 'suspend', app: 'shop', environment: 'staging', suspended: true })
    await forge.deleteRepository('acme', 'web-shop')
    await fill('web-shop', { 'apps/shop/application.yaml': 'kind: Impostor\n' })
    const late = { kind: 'suspend', app: 'shop', environment: 'staging', suspended: true }
    const job = await ended(await call('POST', '/applications/changes', { change: late, tip, follow: false }))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'E_APP_REPOSITORY_REPLACED' } })
    await test.close()
    await startServer()
    const { broken, applications } = await call('GET', '/applications')
    expect(applications.map((one: { name: string }) => one.name)).not.toContain('shop')
    expect(broken.find((one: { name: string }) => one.name === 'shop').problems[0].message).toMatch(
      /not the one that it was/,
    )
  }, 60_000)

  it('leaves its repository when it is removed', async () => {
    await apply(creation('cart', { environments: [{ environment: 'staging' }] }))
    const tip = await tipOf('web-cart')
    const looked = await preview({ kind: 'remove', app: 'cart' })
    expect(looked.commits).toMatchObject([{ repository: 'acme/fleet' }])
    expect(looked.notes![0]).toMatch(/^acme\/web-cart stays as it is/)
    await apply({ kind: 'remove', app: 'cart' })
    expect(await tipOf('web-cart')).toBe(tip)
    expect(await filesOf('fleet', 'apps')).not.toContain('cart')
    expect((await test.administrator.call('GET', '/api/v1/applications/cart')).status).toBe(404)
  }, 120_000)

  it('is not followed before the cluster can fetch it, and goes on from there; so does a removal that was cut off', async () => {
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace: 'flux-system', name: 'flux-system' }
    const { password } = (await system.client.get(ref))['data'] as { password: string }
    const give = (data: object) => system.client.patch(ref, 'merge', { data }, { fieldManager: 'test' })
    const fleet = await tipOf('fleet')
    await give({ password: Buffer.from('ghp_wrong').toString('base64') })
    const change = creation('pay')
    const begun = await call('POST', '/applications/changes', {
      change,
      tip: (await preview(change)).tip,
      follow: false,
    })
    const failed = await ended(begun)
    await give({ password })
    expect(failed, JSON.stringify(failed)).toMatchObject({ state: 'failed', error: { code: 'E_APP_REPOSITORY' } })
    expect(failed.steps.find(one => one.id === 'reach')).toMatchObject({ state: 'failed' })
    expect(await tipOf('fleet')).toBe(fleet)
    await apply(change)
    const removal: ApplicationChange = { kind: 'remove', app: 'pay', environment: 'staging' }
    const back = system.forge.misbehave({
      match: /POST \/acme\/web-pay(\.git)?\/git-receive-pack/,
      times: 99,
      drop: true,
    })
    const { tip } = await preview(removal)
    const cut = await ended(await call('POST', '/applications/changes', { change: removal, tip, follow: false }))
    back()
    expect(cut).toMatchObject({ state: 'failed' })
    expect(await filesOf('web-pay', 'apps/pay')).toContain('staging')
    expect((await preview(removal)).commits).toMatchObject([{ repository: 'acme/web-pay' }])
    await apply(removal)
    expect((await call('GET', '/applications/pay')).deployments).toEqual([])
  }, 120_000)
})
