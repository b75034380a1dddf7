import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from './start.ts'
import { TestClient } from './testing/http-client.ts'

let cluster: SandboxCluster
let client: TestClient
const core = '/api/v1/namespaces/default'
const apps = '/apis/apps/v1/namespaces/default'
const spec = { containers: [{ name: 'web', image: 'web:1' }] }

beforeAll(async () => {
  cluster = await startCluster({ controllers: false })
  client = new TestClient(cluster)
  // Pods need one, and nobody makes it without controllers.
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
  await client.ask({ method: 'POST', path: `${core}/serviceaccounts`, body: account })
})

afterAll(async () => {
  client.close()
  await cluster.close()
})

const patch = (path: string, body: unknown, type = 'merge-patch+json') =>
  client.ask({ method: 'PATCH', path, body, headers: { 'content-type': `application/${type}` } })

describe('an eviction', () => {
  const makePod = async (name: string, phase: string) => {
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'web' } }, spec }
    await client.ask({ method: 'POST', path: `${core}/pods`, body })
    const conditions = [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }]
    await patch(`${core}/pods/${name}/status`, { status: { phase, conditions } })
  }
  const evict = (name: string) =>
    client.ask({
      method: 'POST',
      path: `${core}/pods/${name}/eviction`,
      body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } },
    })
  const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'

  it('takes one disruption from the budget, and is refused when none is left', async () => {
    for (const name of ['a', 'b', 'c']) await makePod(name, 'Running')
    const budget = {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    }
    await client.ask({ method: 'POST', path: budgets, body: budget })
    const early = await evict('a')
    expect([early.status, early.headers['retry-after']]).toEqual([429, '10'])
    const status = {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 3,
      desiredHealthy: 2,
      expectedPods: 3,
    }
    await patch(`${budgets}/web/status`, { status })
    expect((await evict('a')).status).toBe(201)
    const refused = await evict('b')
    expect(refused.status).toBe(429)
    expect(refused.json()).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 3 currently' },
        ],
      },
    })
    const left = (await client.ask({ path: `${budgets}/web` })).json<{ status: Record<string, unknown> }>()
    expect(left.status).toMatchObject({ disruptionsAllowed: 0, disruptedPods: { a: expect.any(String) } })
  })

  it('needs no budget for pods that have ended', async () => {
    await makePod('done', 'Succeeded')
    expect((await evict('done')).status).toBe(201)
    expect((await evict('nobody')).status).toBe(404)
  })
})

describe('a server-side apply of a Scale', () => {
  const deployment = (replicas?: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec },
    },
  })
  const scale = (replicas: number) => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas },
  })
  const at = `${apps}/deployments/web`
  const apply = (path: string, body: unknown, manager: string, force = false) =>
    patch(`${path}?fieldManager=${manager}&force=${force}`, body, 'apply-patch+yaml')

  it('claims the count for its manager, beside what the manager owns of the object', async () => {
    expect((await apply(at, deployment(1), 'owner')).status).toBe(201)
    const conflict = await apply(`${at}/scale`, scale(3), 'scaler')
    expect(conflict.status).toBe(409)
    expect(conflict.text).toContain('conflict with \\"owner\\"')
    const forced = await apply(`${at}/scale`, scale(3), 'scaler', true)
    expect([forced.status, forced.json<{ spec: unknown }>().spec]).toEqual([200, { replicas: 3 }])
    const found = (await client.ask({ path: at })).json<{
      spec: { replicas: number; template: unknown }
      metadata: { managedFields: { manager: string; subresource?: string }[] }
    }>()
    expect(found.spec.replicas).toBe(3)
    const managers = found.metadata.managedFields.map(({ manager, subresource }) => `${manager} ${subresource ?? ''}`)
    expect(managers.sort()).toEqual(['owner ', 'scaler scale'])
    // The owner no longer says how many: nothing changes, for the scaler holds the count.
    expect((await apply(at, deployment(), 'owner')).status).toBe(200)
    expect((await client.ask({ path: at })).json<{ spec: { replicas: number } }>().spec.replicas).toBe(3)
  })

  it('is refused for counts below zero and for other kinds', async () => {
    expect((await apply(`${at}/scale`, scale(-1), 'scaler')).status).toBe(422)
    expect((await apply(`${at}/scale`, deployment(1), 'scaler')).status).toBe(400)
  })
})

describe('subresources that need a running container', () => {
  it('say that there is none', async () => {
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'quiet' }, spec: { ...spec, nodeName: 'n' } }
    await client.ask({ method: 'POST', path: `${core}/pods`, body })
    for (const path of ['log', 'exec?command=ls', 'attach', 'portforward']) {
      const reply = await client.ask({ path: `${core}/pods/quiet/${path}` })
      expect([path, reply.status]).toEqual([path, 400])
      expect(reply.json()['message']).toContain('the sandbox cluster runs no containers')
    }
  })
})
