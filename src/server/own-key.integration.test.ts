import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runSluice } from '../../test/harness/run-sluice.ts'
import { systemClock } from '../base/clock.ts'
import { secretText } from '../credentials/sync-secret.ts'
import { createForge, type Forge } from '../forges/index.ts'
import { openMirror } from '../git/index.ts'
import { makeSshKey } from '../git/make-key.ts'
import { keyFingerprint } from '../git/public-key.ts'
import { hasSshd } from '../git/testing/sshd.ts'
import { refuseLeftBehind } from '../gitops/move/left-behind.ts'
import type { KubeObject } from '../kube/object.ts'
import { redact } from '../secrets/secret.ts'
import { planKey } from './applications/plan-key.ts'
import type { ApplicationChange } from './contract/application-changes.ts'
import type { ChangePreview } from './contract/change-preview.ts'
import type { Job } from './contract/live.ts'
import { acting, connect, type ExampleSystem, helmPath, startExampleSystem } from './testing/connected-server.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const follow = helmPath !== undefined
const environments = [{ environment: 'staging' }]
const creation = (name: string, more: object = {}): ApplicationChange => ({
  kind: 'create',
  name,
  project: 'web',
  chart: { kind: 'Template', name: 'web-service', version: '1.0.0' },
  values: { image: { repository: 'ghcr.io/acme/shop', tag: '1.0.0' }, replicas: 1 },
  environments,
  repository: 'own',
  ...more,
})

describe.skipIf(!hasSshd)('an application with a repository of its own, where the cluster fetches over SSH', () => {
  let example: ExampleSystem
  let test: TestServer
  let person: ReturnType<typeof acting>
  let forge: Forge
  /** The server's own folder, which outlives a server that is ended. */
  let serverDir: string

  beforeAll(async () => {
    example = await startExampleSystem({ overSsh: true })
    const { system } = example
    const { token } = system
    forge = createForge({ kind: 'github', host: system.forge.url, token, clock: systemClock, userAgent: 'test' })
    serverDir = await mkdtemp(join(tmpdir(), 'sluice-own-key-'))
    await startServer()
    await connect(person, system)
    await person.change('/environments', { kind: 'write', name: 'staging', spec: { order: 1 }, create: true })
  }, 120_000)
  afterAll(async () => {
    await test?.close()
    await forge?.close()
    await example?.close()
    await rm(serverDir, { recursive: true, force: true })
  })

  async function startServer(): Promise<void> {
    test = await startTestServer({ client: example.system.client, dataDir: serverDir })
    person = acting(test)
  }
  const preview = (change: ApplicationChange): Promise<ChangePreview> =>
    person.call('POST', '/applications/changes/preview', { change })
  const refused = async (change: ApplicationChange, by = test) =>
    (await by.administrator.call('POST', '/api/v1/applications/changes/preview', { change })).body.error
  const make = (change: ApplicationChange, followed = false): Promise<Job> =>
    person.change('/applications', change, { follow: followed && follow })
  const ref = (name: string) => ({ group: '', version: 'v1', kind: 'Secret', namespace: 'flux-system', name })
  const secret = (name: string): Promise<KubeObject | undefined> => example.system.client.find(ref(name))
  const keys = (name: string) => forge.deployKeys('acme', name)
  const stepOf = ({ steps }: Job, id: string) => steps.find(one => one.id === id)
  const runningStep = async (job: Job, id: string) => {
    const now = async () => stepOf((await person.call('GET', `/jobs/${job.id}`)) as Job, id)?.state
    await expect.poll(now, { timeout: 30_000 }).toBe('running')
  }
  /** The cluster and the host have one and the same key, which only fetches. */
  const expectOneKey = async (app: string, title = `${app}-config`) => {
    const there = await keys(title)
    expect(there).toHaveLength(1)
    expect(there[0]).toMatchObject({ readOnly: true })
    expect(there[0]!.title).toMatch(new RegExp(`^sluice \\S+: flux-system-main-acme/fleet/app-${app} \\S{8}$`))
    const live = await secret(`app-${app}`)
    expect(Object.keys(live?.['data'] as object).sort()).toEqual(['identity', 'identity.pub', 'known_hosts'])
    expect(secretText(live, 'identity.pub')?.trim()).toBe(there[0]!.key)
    expect(secretText(live, 'known_hosts')).toBe(example.ssh!.knownHosts)
  }

  it('is shown with the key and the Secret that it gets, before anything is made', async () => {
    const looked = await preview(creation('shop'))
    expect(looked.notes).toEqual([
      expect.stringMatching(
        /^The cluster fetches acme\/shop-config over SSH .* deploy key "sluice .*app-shop".* Secret flux-system\/app-shop\. It is not in Git\.$/,
      ),
    ])
    const source = looked.files.find(({ path }) => path.endsWith('/source.git.yaml'))
    expect(JSON.stringify(source)).toContain(redact(example.ssh!.address('acme', 'shop-config')))
    expect(JSON.stringify(source)).toMatch(/secretRef.*app-shop/s)
    const pointer = looked.files.find(({ path }) => path === 'apps/shop/repository.yaml')
    expect(JSON.stringify(pointer)).toContain(`${example.system.forge.url}/acme/shop-config`)
    expect(await forge.repository('acme', 'shop-config')).toBeUndefined()
    expect(await secret('app-shop')).toBeUndefined()
  })

  it('is refused by name where the key could not be kept, before anything is written', async () => {
    const { client } = example.system
    const rbac = 'rbac.authorization.k8s.io'
    const rule = (resources: string[], verbs: string[]) => ({ apiGroups: ['*'], resources, verbs })
    const kinds = ['gitrepositories', 'kustomizations', 'helmreleases', 'customresourcedefinitions']
    await client.create({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules: [rule(kinds, ['*']), rule(['secrets'], ['get', 'list', 'watch'])],
    })
    await client.create({
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'reader' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'reader' },
      subjects: [{ kind: 'User', apiGroup: rbac, name: 'sluice-reader' }],
    })
    const reader = await startTestServer({ client: client.as('sluice-reader') })
    await connect(acting(reader), example.system)
    const error = await refused(creation('shop'), reader)
    await reader.close()
    expect(error).toMatchObject({
      code: 'E_APP_REPOSITORY',
      object: 'Secret flux-system/app-shop',
      seen: 'it may not create, update, delete it',
      next: expect.stringContaining('get, create, update, delete Secrets in flux-system'),
    })

    await client.create({ ...mine('app-mail'), stringData: { token: 'of somebody else' } })
    expect(await refused(creation('mail'))).toMatchObject({ object: 'Secret flux-system/app-mail' })
    await client.delete(ref('app-mail'))

    const give = (data: object) => client.patch(ref('flux-system'), 'merge', { data }, { fieldManager: 'test' })
    const { known_hosts } = (await client.get(ref('flux-system')))['data'] as { known_hosts: string }
    const { knownHosts } = example.ssh!
    await give({ known_hosts: Buffer.from(knownHosts.replace('127.0.0.1', '127.0.0.2')).toString('base64') })
    const unknown = await refused(creation('shop'))
    await give({ known_hosts })
    expect(unknown).toMatchObject({ object: 'Secret flux-system/flux-system', seen: 'none' })

    const { context } = test.server
    const keyless = { ...forge, host: forge.host, capabilities: { ...forge.capabilities, deployKeys: 'none' as const } }
    const wish = { app: 'shop', title: 'acme/shop-config', url: `${forge.host}/acme/shop-config`, branch: 'main' }
    await expect(planKey(context, await context.repository.read(), { ...wish, forge: keyless })).rejects.toMatchObject({
      code: 'E_APP_REPOSITORY',
      facts: { seen: expect.stringContaining('has none'), next: expect.stringContaining('--token-auth') },
    })
    expect(await forge.repository('acme', 'shop-config')).toBeUndefined()
    expect(await secret('app-shop')).toBeUndefined()
  }, 60_000)

  it('gets one key, whenever the server ends: before the host knows it, and before it is proven', async () => {
    const change = creation('shop')
    const back = example.system.forge.misbehave({
      match: /POST \S*\/repos\/acme\/shop-config\/keys/,
      times: 99,
      delayMs: 120_000,
      drop: true,
    })
    const job = (await person.begin('/applications', change, { follow })) as Job
    await runningStep(job, 'key')
    await expect.poll(() => secret('app-shop'), { timeout: 20_000 }).toBeDefined()
    await test.close()
    back()
    expect(await keys('shop-config')).toEqual([])
    const first = secretText(await secret('app-shop'), 'identity.pub')
    example.ssh!.shut(true)
    await startServer()
    await runningStep(job, 'reach')
    await test.close()
    expect(await keys('shop-config')).toHaveLength(1)
    // Nothing points the cluster there before that very key is proven.
    expect(await contentOf('fleet')).not.toContain('app-shop')
    // A key under the same title whose half nobody has: of a run with another Secret, say.
    const [{ title } = { title: '' }] = await keys('shop-config')
    const orphan = (await makeSshKey()).publicKey
    await forge.addDeployKey('acme', 'shop-config', {
      title: title.replace(/ \S{8}$/, ` ${keyFingerprint(orphan.body).slice(7, 15)}`),
      key: `${orphan.type} ${orphan.body}`,
      readOnly: true,
    })
    example.ssh!.shut(false)
    await startServer()
    const end = await person.ended(job.id)
    expect(end, JSON.stringify(end)).toMatchObject({ state: 'done' })
    expect(stepOf(end, 'key')).toMatchObject({ state: 'done', title: 'Give the cluster a key for acme/shop-config' })
    expect(stepOf(end, 'reach')).toMatchObject({ state: 'done', detail: 'over SSH, with the Secret app-shop' })
    await expectOneKey('shop')
    expect(secretText(await secret('app-shop'), 'identity.pub')).toBe(first)
    if (!follow) return
    const shop = await person.call('GET', '/applications/shop')
    expect(shop.deployments).toMatchObject([{ agrees: true, health: { state: 'healthy' } }])
  }, 120_000)

  it('has its key replaced by `sluice token rotate-key`', async () => {
    const [before] = await keys('shop-config')
    const run = await runSluice(['token', 'rotate-key', '--name', 'app-shop', '--data', example.dataDir])
    expect(run.stdout, run.stderr).toMatch(/added and proven; 1 old key removed/)
    await expectOneKey('shop')
    expect((await keys('shop-config'))[0]!.key).not.toBe(before!.key)
    const place = { branch: 'main', path: '', interval: '', syncInterval: '', secret: 'flux-system' }
    const [from, to] = [example.ssh!.address('acme', 'fleet'), 'ssh://git@git.example.com/acme/fleet']
    const { client } = example.system
    const { signal } = new AbortController()
    // It would be left at the old host.
    await expect(
      refuseLeftBehind(client, 'flux-system', { ...place, url: from }, { ...place, url: to }, signal),
    ).rejects.toMatchObject({ code: 'E_GITOPS_NOT_MOVABLE', facts: { object: expect.stringContaining('shop') } })
  }, 60_000)

  it('is changed by commits that the cluster fetches with that key', async () => {
    await make({ kind: 'image', app: 'shop', environment: 'staging', tag: '1.1.0' }, true)
    const values = await person.call('GET', '/applications/shop/values?environment=staging')
    expect(values).toMatchObject({ effective: { image: { tag: '1.1.0' } } })
    await expectOneKey('shop')
  }, 60_000)

  it('is not pointed to before that very key is proven, and goes on from there', async () => {
    const fleet = test.server.context.repository
    const { tip } = await fleet.refresh()
    example.ssh!.shut(true)
    const failed = await person.ended((await person.begin('/applications', creation('pay'), { follow: false })).id)
    example.ssh!.shut(false)
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'E_APP_REPOSITORY' } })
    expect(stepOf(failed, 'reach')).toMatchObject({ state: 'failed' })
    expect((await fleet.refresh()).tip).toBe(tip)
    await make(creation('pay'))
    await expectOneKey('pay')
  }, 120_000)

  it('says what the host has against a deploy key, with nothing committed', async () => {
    const message = 'Deploy keys are disabled for this repository.'
    const back = example.system.forge.misbehave({
      match: /POST \S*\/repos\/acme\/mail-config\/keys/,
      times: 99,
      status: 422,
      body: { message },
    })
    const failed = await person.ended((await person.begin('/applications', creation('mail'), { follow: false })).id)
    back()
    expect(failed, JSON.stringify(failed)).toMatchObject({ state: 'failed', error: { code: 'E_APP_REPOSITORY' } })
    expect(stepOf(failed, 'key')?.detail).toContain(message)
    expect(await forge.repository('acme', 'mail-config')).toMatchObject({ empty: true })
  }, 60_000)

  it('gives its key back when it is removed, and tells what the host keeps', async () => {
    const looked = await preview({ kind: 'remove', app: 'shop' })
    expect(looked.notes?.[1]).toMatch(
      /^The deploy key "sluice .*" is removed there, and the Secret flux-system\/app-shop/,
    )
    const slow = { match: /GET \S*\/repos\/acme\/shop-config\/keys/, times: 99, delayMs: 120_000, drop: true }
    const on = example.system.forge.misbehave(slow)
    const job = (await person.begin('/applications', { kind: 'remove', app: 'shop' }, { follow })) as Job
    await runningStep(job, 'key')
    await test.close()
    on()
    expect([(await keys('shop-config')).length, (await secret('app-shop')) === undefined]).toEqual([1, false])
    await startServer()
    const done = await person.ended(job.id)
    expect(done, JSON.stringify(done)).toMatchObject({ state: 'done' })
    expect(stepOf(done, 'key')).toMatchObject({ state: 'done', title: 'Take the key of acme/shop-config away' })
    expect(await keys('shop-config')).toEqual([])
    expect(await secret('app-shop')).toBeUndefined()

    const back = example.system.forge.misbehave({
      match: /DELETE \S*\/repos\/acme\/pay-config\/keys/,
      times: 99,
      status: 403,
    })
    const warned = await make({ kind: 'remove', app: 'pay' })
    back()
    expect(stepOf(warned, 'key')).toMatchObject({
      state: 'warned',
      detail: expect.stringMatching(/the deploy key "sluice .*" of acme\/pay-config is left: .*/),
    })
    expect(await secret('app-pay')).toBeUndefined()
    // Made again it finds its files, and the key that was left makes way for the new one.
    await make(creation('pay'))
    await expectOneKey('pay')
  }, 120_000)

  it('keeps the private key out of Git, answers, logs and the database', async () => {
    const pem = secretText(await secret('app-pay'), 'identity')!
    const lines = pem.split('\n').filter(line => line.length > 30 && !line.startsWith('---'))
    expect(lines.length).toBeGreaterThan(1)
    const hidden = [...lines, Buffer.from(pem).toString('base64')]
    const places: [string, string | Buffer][] = [
      ['log', test.log.join('\n')],
      ['application', JSON.stringify(await person.call('GET', '/applications/pay'))],
      ['jobs', JSON.stringify(await person.call('GET', '/jobs'))],
      ['activity', JSON.stringify(await person.call('GET', '/audit'))],
    ]
    for (const name of readdirSync(serverDir).filter(one => one.startsWith('sluice.db')))
      places.push([name, readFileSync(join(serverDir, name))])
    for (const name of ['fleet', 'pay-config', 'shop-config']) places.push([name, await contentOf(name)])
    for (const [place, text] of places)
      for (const line of hidden) expect(text.includes(line), `the private key in ${place}`).toBe(false)
  }, 60_000)

  /** Every file of every commit of a branch. */
  async function contentOf(name: string): Promise<string> {
    const mirror = await openMirror(join(serverDir, `look-${name}`))
    const options = { depth: Number.POSITIVE_INFINITY }
    const { commit } = await mirror.fetch(forge.remote('acme', name), 'refs/heads/main', options)
    const out: string[] = []
    for (const { sha, subject, body } of await mirror.log(commit, { limit: 200 })) {
      out.push(subject, body)
      const read = async (folder: string): Promise<void> => {
        for (const { kind, path } of await mirror.tree(sha).list(folder)) {
          if (kind === 'folder') await read(path)
          else out.push((await mirror.tree(sha).read(path))?.toString('utf8') ?? '')
        }
      }
      await read('')
    }
    mirror.close()
    return out.join('\n')
  }
})

function mine(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'flux-system' } }
}
