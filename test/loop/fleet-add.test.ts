import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kustomizationKind } from '../../src/fleet/read-fleet.ts'
import type { FleetAddCheck, FleetAddDone, FleetAddWishInput } from '../../src/server/contract/fleet-add.ts'
import { AddCluster, changesOf, exampleSpec } from '../harness/add-cluster.ts'
import { eksaFiles } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'

const folder = 'clusters/mgmt'
let fixture: LocalFixture
let add: AddCluster
let specs: Record<'mgmt' | 'prod' | 'staging', { name: string; text: string }>

beforeAll(async () => {
  fixture = await startFixture()
  specs = {
    mgmt: await exampleSpec('mgmt.yaml'),
    prod: await exampleSpec('prod.yaml'),
    staging: await exampleSpec('staging.yaml'),
  }
  add = new AddCluster(fixture)
  await add.start()
})
afterAll(async () => {
  await add?.close()
  await fixture?.close()
})

const post = (path: string, body: object) => add.post(path, body)
const wish = (more: Partial<FleetAddWishInput> = {}): FleetAddWishInput => ({
  what: 'specs',
  files: [specs.mgmt, specs.prod],
  connection: add.connection,
  ...more,
})
const plan = (asked: FleetAddWishInput) => add.plan(asked)
const apply = (id: string) => add.apply(id)
const changes = changesOf
const repositories = async () => {
  const { url } = fixture.system.forge
  const headers = { authorization: `Bearer ${fixture.system.token.reveal()}` }
  const all = (await (await fetch(`${url}/api/v3/orgs/acme/repos`, { headers })).json()) as { name: string }[]
  return all.map(one => one.name).sort()
}
describe('a cluster that is added', () => {
  it('is planned only once a connection is proven', async () => {
    const refused = await post('plan', { what: 'any', name: 'lab' })
    expect(refused.body.error.code).toBe('E_GATE_CLOSED')
    await add.connect()
  })

  it('is checked while it is typed, by line and field, without asking anybody', async () => {
    const check = async (more: Partial<FleetAddWishInput>) => (await post('check', wish(more))).body as FleetAddCheck
    const bad = await check({ files: [{ ...specs.mgmt, text: specs.mgmt.text.replace('count: 3', 'count: 4') }] })
    expect(bad.problems).toEqual([
      { field: 'files', file: 'mgmt.yaml', line: 11, message: expect.stringContaining('even number') },
    ])
    expect(bad).not.toHaveProperty('place')
    const good = await check({})
    expect(good).toMatchObject({
      problems: [],
      kind: 'eks-anywhere',
      clusters: [
        { name: 'mgmt', role: 'management' },
        { name: 'prod', role: 'workload' },
      ],
      place: { fixed: true, repository: 'acme/fleet', branch: 'main', path: folder },
    })
    const shop = { name: 'shop.yaml', text: await readFile('examples/eksctl/cluster.yaml', 'utf8') }
    expect(await check({ files: [shop] })).toMatchObject({ kind: 'eksctl', place: { path: 'clusters/shop' } })
    const any = await check({ what: 'any', name: 'Lab', branch: 'a..b', path: '../x', repository: 'fleet' })
    expect(any.problems.map(one => one.field).sort()).toEqual(['branch', 'name', 'path', 'repository'])
    const text = `apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{ name: a, context: { cluster: c, user: u } }]\nclusters: [{ name: c, cluster: { server: "https://10.0.0.1" } }]\nusers: [{ name: u, user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: aws } } }]\n`
    const exec = await check({ kubeconfig: { text } })
    expect(exec.problems).toMatchObject([{ field: 'kubeconfig', message: expect.stringContaining('exec') }])
    for (const asked of [
      wish({ kubeconfig: { text } }),
      wish({ files: [{ name: 'a.yaml', text: 'kind: Cluster' }] }),
      wish({ files: [] }),
    ]) {
      const refused = await post('plan', asked)
      expect([refused.status, refused.body.error.code]).toEqual([400, 'E_REQUEST_INVALID'])
    }
  })

  it('goes on by itself where a server that was killed midway left it, on the cluster of a kubeconfig', async () => {
    const kubeconfig = { text: fixture.system.cluster.kubeconfig() }
    const found = await plan(wish({ kubeconfig }))
    expect(found).toMatchObject({ kind: 'bootstrap', done: false, commit: { branch: 'main' } })
    expect(found).not.toHaveProperty('refusal')
    const planned = changes(found)
    expect(planned.find(one => one.kind === 'repository')).toMatchObject({ name: 'acme/fleet', action: 'create' })
    expect(planned.find(one => one.name.endsWith('prod/eksa-system/eksa-cluster.yaml'))?.diff).toContain(
      '+  name: prod',
    )
    expect(planned.find(one => one.name === 'Secret/flux-system/flux-system')?.diff).toContain("password: '***'")
    expect(planned.find(one => one.name.startsWith('GitRepository/'))?.diff).toContain('+  interval:')
    expect(await repositories(), 'a plan writes nothing').toEqual([])
    const api = (await add.admin.call('POST', '/api/v1/tokens', {
      name: 'test',
      days: 1,
      grants: [{ role: 'administrator', project: '*', environment: '*' }],
    })) as { body: { token: string } }
    await add.server.server.close()

    const killed = startSluice(['serve', '--data', fixture.dataDir, '--listen', '127.0.0.1:0', '--no-cluster'], {
      SLUICE_FAULT: 'after:files.push',
    })
    const url = (await killed.waitFor(/console: (\S+)/)).replace('console: ', '')
    const started = await fetch(`${url}/api/v1/fleet/add/apply`, {
      method: 'POST',
      headers: { authorization: `Bearer ${api.body.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ plan: found.plan }),
    })
    expect(started.status).toBe(202)
    expect(await killed.ended).toBeNull()
    expect(await repositories()).toEqual(['fleet'])

    await add.start()
    const { unfinished } = (await add.admin.call('GET', '/api/v1/fleet/add')).body
    expect(unfinished).toMatchObject([{ plan: found.plan, running: true, target: found.target }])
    const record = await add.admin.call('GET', `/api/v1/fleet/add/plans/${found.plan}`)
    expect(record.body).toMatchObject({ kubeconfig: true, wish: { what: 'specs' } })
    const { id } = (await started.json()) as { id: string }
    expect(record.body.job).toBe(id)
    // Asked for once more, it is the run that goes on by itself.
    expect((await post('apply', { plan: found.plan })).body.id).toBe(id)
    const job = await add.ended(id)
    expect(job.state, JSON.stringify(job)).toBe('done')
    expect(job.steps.map(step => [step.id, step.state])).toEqual(
      ['check', 'repository', 'branch', 'files', 'engine', 'ready'].map(id => [id, 'done']),
    )
    expect(job.result as FleetAddDone).toMatchObject({ kind: 'bootstrap', own: false, path: folder })
    const log = await fleetRepositoryOf(fixture).log()
    expect(log.map(commit => [commit.subject, commit.author.name])).toEqual([
      ['Add mgmt, prod to the fleet of mgmt', 'admin'],
    ])
    expect((await add.admin.call('GET', '/api/v1/fleet/add')).body.unfinished).toEqual([])
    expect((await post('apply', { plan: found.plan })).status).toBe(404)
    const token = /token: (\S+)/.exec(kubeconfig.text)?.[1]
    expect(token).toBeDefined()
    for (const secret of [token!, fixture.system.token.reveal()]) {
      expect(JSON.stringify([found, job, record.body])).not.toContain(secret)
      expect(add.server.log.join('\n')).not.toContain(secret)
    }
  })

  it('is refused when Git or the cluster moved since the plan, and nothing is done', async () => {
    await add.start({ own: true })
    const asked = wish({ files: [specs.mgmt, specs.staging] })
    const staging = `${folder}/staging/eksa-system/eksa-cluster.yaml`
    const repository = fleetRepositoryOf(fixture)
    const moved = async (id: string, object: RegExp) => {
      const job = await apply(id)
      expect(job.error, JSON.stringify(job)).toMatchObject({
        code: 'E_BOOTSTRAP_PLAN_MOVED',
        object: expect.stringMatching(object),
      })
    }
    const first = await plan(asked)
    const todo = changes(first).filter(one => one.kind === 'file' && one.action !== 'keep')
    expect(todo.map(one => one.name)).toEqual([staging, staging.replace('eksa-cluster', 'kustomization')])
    const by = await repository.push({ [staging]: `# by hand\n${specs.staging.text}` })
    await moved(first.plan, /staging\/eksa-system\/eksa-cluster\.yaml/)
    expect((await repository.log())[0]?.sha).toBe(by)
    await repository.push({ [staging]: undefined })

    const second = await plan(asked)
    const { client } = fixture.system
    const root = { ...kustomizationKind, namespace: 'flux-system', name: 'flux-system' }
    const removed = await repository.log()
    // Nobody puts it back: what stands in Git of it is left alone meanwhile.
    await client.patch(root, 'merge', { spec: { suspend: true } }, { fieldManager: 'kubectl' })
    await client.patch(root, 'merge', { spec: { interval: '3m0s' } }, { fieldManager: 'kubectl' })
    await moved(second.plan, /Kustomization\/flux-system\/flux-system/)
    await client.patch(root, 'merge', { spec: { interval: '10m0s', suspend: null } }, { fieldManager: 'kubectl' })
    expect((await repository.log()).length).toBeGreaterThanOrEqual(removed.length)
  })

  it('is added by one commit of the person, and stands in the fleet', async () => {
    const again = await plan(wish({ files: [specs.mgmt, specs.staging] }))
    const job = await apply(again.plan)
    expect(job.state, JSON.stringify(job)).toBe('done')
    expect(job.result as FleetAddDone).toMatchObject({ own: true, engineEnded: false, page: { name: 'staging' } })
    const { clusters } = (await add.admin.call('GET', '/api/v1/fleet')).body
    expect(clusters.map((one: { name: string }) => one.name)).toContain('staging')
    const nothing = await plan(wish({ files: [specs.mgmt, specs.staging] }))
    expect(nothing.done).toBe(true)
    const { entries } = (await add.admin.call('GET', '/api/v1/audit?action=fleet.bootstrap')).body
    expect(entries[0]).toMatchObject({ who: 'admin', outcome: 'done', detail: { target: again.target } })
  })

  it('is refused with the choice that allows it, where the repository holds other things', async () => {
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'other', private: true })
    await fleetRepositoryOf(fixture, 'other').push({ 'README.md': 'ours\n' })
    const asked = wish({ what: 'any', name: 'lab', repository: 'acme/other' })
    const refused = await plan(asked)
    expect(refused.refusal).toMatchObject({ code: 'E_BOOTSTRAP_NOT_ADOPTED', allowedBy: 'adopt' })
    expect((await post('apply', { plan: refused.plan })).status).toBe(400)
    // The cluster follows the fleet already: it is not taken over in passing.
    const adopted = await plan({ ...asked, adopt: true })
    expect(adopted.refusal).toMatchObject({ code: 'E_BOOTSTRAP_SYNC_CONFLICT' })
  })

  it('may be a repository that EKS Anywhere made: imported with the proof that nothing changes', async () => {
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'eksa', private: true })
    const repository = fleetRepositoryOf(fixture, 'eksa')
    await repository.push(await eksaFiles(`${fixture.system.forge.url}/acme/eksa.git`))
    const asked = wish({ what: 'import', files: [], repository: 'acme/eksa' })
    const found = await plan(asked)
    expect(found).toMatchObject({ kind: 'import', done: false })
    expect(found.found?.fleets[0]?.clusters.map(one => one.name).sort()).toEqual(['mgmt', 'prod', 'staging'])
    expect(found.found?.proof[0]?.objects).toBeGreaterThan(10)
    expect(changes(found)).toMatchObject([{ name: '.sluice.json', action: 'create' }])
    await repository.push({ 'clusters/mgmt/note.yaml': '# later\n' })
    expect((await apply(found.plan)).error?.code).toBe('E_BOOTSTRAP_PLAN_MOVED')
    const job = await apply((await plan(asked)).plan)
    expect(job.state, JSON.stringify(job)).toBe('done')
    expect((await repository.log())[0]).toMatchObject({ subject: 'Let Sluice manage this repository' })
    expect((await plan(asked)).done).toBe(true)
  })
})
