import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { valueAt } from '../../src/base/json.ts'
import { lookAlikeText } from '../../src/flux/testing/look-alike.ts'
import type { FleetAddCheck, FleetAddDone, FleetAddWishInput } from '../../src/server/contract/fleet-add.ts'
import { AddCluster, changesOf } from '../harness/add-cluster.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type FluxStandIn, fluxCrds, startFluxStandIn } from '../harness/flux-stand-in.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { startPodEngine } from '../harness/pod-engine.ts'

const components = 'clusters/lab/flux-system/gotk-components.yaml'
const wishFor =
  (add: AddCluster) =>
  (more: Partial<FleetAddWishInput>): FleetAddWishInput => ({
    what: 'any',
    name: 'lab',
    connection: add.connection,
    ...more,
  })

describe('a cluster that is added with real Flux', () => {
  let fixture: LocalFixture
  let add: AddCluster
  let flux: FluxStandIn
  let mirror: Server
  let releases = ''
  /** What the mirror gives. */
  const files = new Map<string, string>()
  const version = 'v2.9.4'
  const manifests = lookAlikeText({ crds: fluxCrds })
  /** What a bootstrap waits for when Flux's controllers are applied. */
  let held: Promise<void> | undefined
  let release = (): void => {}

  beforeAll(async () => {
    fixture = await startFixture()
    flux = await startFluxStandIn(fixture)
    mirror = createServer((request, response) => {
      const text = files.get(request.url ?? '')
      response.statusCode = text === undefined ? 404 : 200
      response.end(text)
    })
    await new Promise<void>(listening => mirror.listen(0, '127.0.0.1', listening))
    releases = `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`
    add = new AddCluster(fixture)
    await add.start({
      own: true,
      effect: async (name, work) => {
        if (name === 'engine.apply.Secret') await held
        return work()
      },
    })
    await add.connect()
  })
  afterAll(async () => {
    release()
    await add?.close()
    await flux?.close()
    mirror?.close()
    await fixture?.close()
  })

  const wish = (more: Partial<FleetAddWishInput>) => wishFor(add)({ engine: 'flux', ...more })
  const publish = (text: string) => {
    const digest = createHash('sha256').update(text).digest('hex')
    files.set(`/${version}/install.yaml`, text)
    files.set(`/${version}/flux_${version.slice(1)}_checksums.txt`, `${digest}  install.yaml\n`)
  }
  const namespace = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'flux-system' }

  it('is told while it is typed what is missing, by field and without asking anybody', async () => {
    const check = async (more: Partial<FleetAddWishInput>) =>
      (await add.post('check', wish(more))).body as FleetAddCheck
    const fields = async (more: Partial<FleetAddWishInput>) => (await check(more)).problems.map(one => one.field)
    expect(await fields({})).toEqual([])
    expect(await fields({ flux: { from: 'file' } })).toEqual(['fluxText'])
    const cut = await check({ flux: { from: 'file', text: manifests.slice(0, manifests.length / 2) } })
    expect(cut.problems).toMatchObject([{ field: 'fluxText', message: expect.stringMatching(/^Expected/) }])
    const secret = `${manifests}---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: flux-system}\n`
    expect((await check({ flux: { from: 'file', text: secret } })).problems[0]?.message).toContain('no Secret')
    expect(
      await fields({
        imagePullSecret: 'Pull It',
        flux: { version: 'two', registry: 'https://a', extra: 'x', digest: 'sha256:1', releases: 'ftp://a' },
      }),
    ).toEqual(['fluxVersion', 'fluxRegistry', 'fluxExtra', 'imagePullSecret', 'fluxDigest', 'fluxReleases'])
    const good = await check({ flux: { from: 'file', text: manifests } })
    expect(good).toMatchObject({
      problems: [],
      flux: { version, components: expect.arrayContaining(['helm-controller']) },
    })
    expect(await fields({ engine: 'cluster' })).toEqual(['engineImage'])
    expect(await fields({ engine: 'cluster', engineImage: 'https://a' })).toEqual(['engineImage'])
    const other = await add.post('plan', wish({ engine: 'process', flux: { version } }))
    expect([other.status, other.body.error.object]).toEqual([400, 'flux'])
  })

  it('is not planned while the release cannot be had, and the step says what to do', async () => {
    const job = await add.planJob(wish({ flux: { releases } }))
    expect(job).toMatchObject({ state: 'failed', error: { code: 'E_FLUX_DOWNLOAD' } })
    expect(job.steps[0]).toMatchObject({ id: 'flux', state: 'failed', detail: expect.stringContaining('404') })
    expect(await fixture.system.client.find(namespace)).toBeUndefined()
  })

  it('is planned with every object of the release, and refused when the mirror gives another one later', async () => {
    publish(manifests)
    const plan = await add.plan(wish({ flux: { releases } }))
    expect(plan).toMatchObject({ engine: 'Flux v2.9.4, in the cluster', done: false })
    expect(plan.manifests).toContain(`${releases}/${version}/install.yaml (sha256:`)
    expect(changesOf(plan).map(one => one.name)).toEqual(
      expect.arrayContaining([components, 'Deployment/flux-system/kustomize-controller']),
    )
    publish(manifests.replaceAll(':v1.9.4', ':v1.9.5'))
    expect((await add.apply(plan.plan)).error).toMatchObject({
      code: 'E_BOOTSTRAP_PLAN_MOVED',
      object: components,
    })
    expect(await fixture.system.client.find(namespace)).toBeUndefined()
  })

  it('is stopped when the controllers stand, and goes on with the same plan until Flux has applied it', async () => {
    const asked = wish({
      imagePullSecret: 'pull',
      flux: { from: 'file', text: manifests, registry: 'mirror.example.com/fluxcd' },
    })
    const plan = await add.plan(asked)
    held = new Promise(done => {
      release = done
    })
    const { id } = (await add.post('apply', { plan: plan.plan })).body
    const controller = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'flux-system' }
    await expect
      .poll(() => fixture.system.client.find({ ...controller, name: 'notification-controller' }), { timeout: 60_000 })
      .toBeDefined()
    await add.admin.call('POST', `/api/v1/jobs/${id}/cancel`)
    release()
    held = undefined
    expect((await add.ended(id)).state).toBe('cancelled')
    const job = await add.apply(plan.plan)
    expect(job.state, JSON.stringify(job)).toBe('done')
    expect(job.steps.map(step => step.id)).toEqual([
      'flux',
      'check',
      'repository',
      'branch',
      'files',
      'engine',
      'ready',
    ])
    const done = job.result as FleetAddDone
    expect(done).toMatchObject({ own: true, engineEnded: false, engine: 'Flux v2.9.4, in the cluster' })
    expect(flux.acting).toBe(true)
    const text = await fleetRepositoryOf(fixture).read(components)
    expect(text).toContain('image: mirror.example.com/fluxcd/source-controller:v1.9.4')
    expect(text).toContain('- name: pull')
    expect((await fleetRepositoryOf(fixture).log()).map(one => one.author.name)).toEqual(['admin'])
  })

  it('keeps Flux from then on, and says which command changes the engine', async () => {
    const again = await add.plan(wishFor(add)({}))
    expect(again).toMatchObject({ done: true, engine: 'Flux, as Git has it' })
    const other = await add.plan(wishFor(add)({ engine: 'process' }))
    expect(other.refusal).toMatchObject({ code: 'E_BOOTSTRAP_PATH_IN_USE' })
    expect(other.refusal?.next).toContain('sluice engine switch --to sluice')
  })
})

describe('a cluster that is added with the engine in it', () => {
  let fixture: LocalFixture
  let add: AddCluster
  beforeAll(async () => {
    fixture = await startFixture({ engine: false })
    add = new AddCluster(fixture)
    await add.start({ own: true })
    await add.connect()
  })
  afterAll(async () => {
    await add?.close()
    await fixture?.close()
  })
  const image = 'registry.example.com/sluice:0.1.0'

  it('gets its image and rights into Git, and what runs in it goes on by itself', async () => {
    const { client } = fixture.system
    const wish = wishFor(add)
    const plan = await add.plan(wish({ engine: 'cluster', engineImage: image, engineRights: 'cluster-admin' }))
    expect(plan.engine).toBe(`Sluice's, in the cluster: ${image}`)
    const deployment = changesOf(plan).find(one => one.name === 'Deployment/flux-system/sluice-engine')
    expect(deployment?.diff).toContain(image)
    const job = await add.apply(plan.plan)
    expect(job.state, JSON.stringify(job)).toBe('done')
    expect(job.result as FleetAddDone).toMatchObject({ engineEnded: false, engine: plan.engine })
    expect(await fleetRepositoryOf(fixture).read(components)).toContain('"rights":"cluster-admin"')

    const { items } = await client.list({ group: '', version: 'v1', kind: 'Pod' }, { namespace: 'flux-system' })
    const engine = await startPodEngine(fixture, items[0]!)
    try {
      await engine.waitFor('this engine acts now')
      const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hello, namespace: default}\ndata: {a: b}\n'
      const commit = await fleetRepositoryOf(fixture).push({ 'clusters/lab/hello.yaml': text })
      const ref = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' }
      const annotations = { 'reconcile.fluxcd.io/requestedAt': commit }
      await client.patch({ ...ref, namespace: 'flux-system', name: 'flux-system' }, 'merge', {
        metadata: { annotations },
      })
      const configMap = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'hello' }
      await expect.poll(async () => valueAt(await client.find(configMap), ['data', 'a']), { timeout: 60_000 }).toBe('b')
      const again = await add.plan(wish({}))
      expect(again).toMatchObject({ done: true, engine: plan.engine })
    } finally {
      engine.kill('SIGKILL')
      await engine.ended
    }
  })
})
