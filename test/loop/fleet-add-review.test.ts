import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FleetAddDone, FleetAddPlan, FleetAddWishInput } from '../../src/server/contract/fleet-add.ts'
import { AddCluster, changesOf } from '../harness/add-cluster.ts'
import { EksctlFixture, eksctlExample } from '../harness/eksctl-fixture.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'

// A cluster of eksctl, into a repository whose branch takes no pushes, by a server that does not live to see the merge.
let eksctl: EksctlFixture
let add: AddCluster
let spec: string

beforeAll(async () => {
  spec = await readFile(eksctlExample, 'utf8')
  eksctl = await EksctlFixture.start()
  const { admin } = eksctl.local.system.forge
  for (const name of ['web', 'batch']) {
    const sizes = { minSize: name === 'web' ? 1 : 0, maxSize: name === 'web' ? 5 : 10, desiredSize: 2 }
    eksctl.aws.admin.addManaged('shop', name, sizes, { stack: true })
  }
  eksctl.aws.admin.addSelfManaged('shop', 'legacy', { minSize: 1, maxSize: 1, desiredSize: 1 })
  await admin.createRepository({ owner: 'acme', name: 'shop', private: true })
  await fleetRepositoryOf(eksctl.local, 'shop').push({ 'README.md': '# ours\n' })
  await forge('PUT', '/branches/main/protection', {
    required_status_checks: null,
    enforce_admins: true,
    required_pull_request_reviews: {},
    restrictions: null,
  })
  add = new AddCluster(eksctl.local)
  await add.start({ own: true })
  await add.connect()
})
afterAll(async () => {
  await add?.close()
  await eksctl?.close()
})

async function forge(method: string, path: string, body?: object) {
  const { system } = eksctl.local
  const answer = await fetch(`${system.forge.apiUrl}/repos/acme/shop${path}`, {
    method,
    headers: { authorization: `token ${system.token.reveal()}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  expect(answer.status, `${method} ${path}`).toBeLessThan(300)
  // biome-ignore lint/suspicious/noExplicitAny: the host's own answer
  return (await answer.json()) as any
}
const wish = (): FleetAddWishInput => ({
  what: 'specs',
  files: [{ name: 'cluster.yaml', text: spec }],
  connection: add.connection,
  adopt: true,
})
const files = async (id: string) => (await add.job(id)).steps.find(step => step.id === 'files')
const untilAsked = async (id: string, request: number) => {
  await expect.poll(async () => (await files(id))?.detail, { timeout: 30_000 }).toBe('waits to be merged')
  expect((await files(id))?.link?.url).toMatch(new RegExp(`/acme/shop/pull/${request}$`))
}
let plan: FleetAddPlan

it('says that it comes by a pull request, and why, before anything is written', async () => {
  plan = await add.plan(wish())
  expect(plan).toMatchObject({ done: false, commit: { branch: 'main', review: expect.stringContaining('main') } })
  expect(plan.warnings.join()).not.toContain('real Flux')
  expect(changesOf(plan).map(one => one.name)).toEqual(
    expect.arrayContaining(['eksctl/shop.yaml', 'clusters/shop/eksctl-system/cluster.yaml']),
  )
  expect(await forge('GET', '/pulls?state=all')).toEqual([])
})

it('ends with the reason when the request is turned down, and nothing of it reaches the cluster', async () => {
  const { id } = (await add.post('apply', { plan: plan.plan })).body
  await untilAsked(id, 1)
  await forge('PATCH', '/pulls/1', { state: 'closed' })
  const job = await add.ended(id)
  expect(job).toMatchObject({ state: 'failed', error: { code: 'E_FORGE_REQUEST_CLOSED' } })
  expect(await files(id)).toMatchObject({ state: 'failed', detail: expect.stringContaining('/pull/1') })
  const namespace = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'flux-system' }
  expect(await eksctl.client.find(namespace)).toBeUndefined()
})

it('waits for the merge also after the server was started anew, and then goes on by itself to Ready', async () => {
  const { id } = (await add.post('apply', { plan: plan.plan })).body
  await untilAsked(id, 2)
  let asked = false
  await add.start({
    own: true,
    effect: (name, work) => {
      asked ||= name === 'files.push'
      return work()
    },
  })
  await expect.poll(() => asked, { timeout: 30_000 }).toBe(true)
  await untilAsked(id, 2)
  const { unfinished } = (await add.admin.call('GET', '/api/v1/fleet/add')).body
  expect(unfinished).toMatchObject([{ plan: plan.plan, running: true }])
  await forge('PUT', '/pulls/2/merge', { merge_method: 'squash' })
  const job = await add.ended(id)
  expect(job.state, JSON.stringify(job)).toBe('done')
  expect(job.result as FleetAddDone).toMatchObject({
    own: true,
    pullRequest: expect.stringMatching(/\/acme\/shop\/pull\/2$/),
    page: { namespace: 'flux-system', name: 'shop' },
  })
  expect(await forge('GET', '/pulls?state=all')).toHaveLength(2)
  expect(await fleetRepositoryOf(eksctl.local, 'shop').read('eksctl/shop.yaml')).toBe(spec)
  expect((await add.admin.call('GET', '/api/v1/fleet/add')).body.unfinished).toEqual([])
  const { entries } = (await add.admin.call('GET', '/api/v1/audit?action=fleet.bootstrap')).body
  expect(entries.map((one: { outcome: string }) => one.outcome)).toEqual(['done', 'failed'])
})

it('is a cluster of eksctl like any other then: its node groups follow Git, and nothing is left to plan', async () => {
  eksctl.follow()
  await eksctl.ready()
  const cluster = () => add.admin.call('GET', '/api/v1/fleet/clusters/flux-system/shop')
  await expect
    .poll(async () => (await cluster()).body.cluster?.groups.map((group: { name: string }) => group.name), {
      timeout: 20_000,
    })
    .toEqual(['web', 'batch', 'legacy'])
  expect((await add.plan(wish())).done).toBe(true)
})
