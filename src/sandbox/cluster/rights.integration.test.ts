import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from './start.ts'
import { TestClient } from './testing/http-client.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'
const role = (name: string, rules: unknown) => ({ apiVersion, kind: 'Role', metadata: { name }, rules })
const readPods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }
const ann = { 'impersonate-user': 'ann' }

let dir = ''
let cluster: SandboxCluster
let client: TestClient

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  client.ask({ method: 'POST', path, body, headers })

const bind = (name: string, roleName: string, kind = 'Role') => ({
  apiVersion,
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup, kind, name: roleName },
  subjects: [{ kind: 'User', apiGroup, name: 'ann' }],
})

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-rights-'))
  cluster = await startCluster({ dataDir: join(dir, 'data') })
  client = new TestClient(cluster)
  const rules = [readPods, { apiGroups: [apiGroup], resources: ['roles', 'rolebindings'], verbs: ['*'] }]
  rules[1]!.verbs = ['create', 'update', 'get', 'patch']
  await post(`${rbac}/namespaces/default/roles`, role('manager', rules))
  await post(`${rbac}/namespaces/default/rolebindings`, bind('ann', 'manager'))
})

afterAll(async () => {
  client.close()
  await cluster.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('somebody who may write roles', () => {
  const roles = `${rbac}/namespaces/default/roles`

  it('gives away rights that it has', async () => {
    expect((await post(roles, role('pods', [{ ...readPods, verbs: ['get'] }]), ann)).status).toBe(201)
  })

  it('gives away no others, and is told which', async () => {
    const wanted = [readPods, { apiGroups: ['', 'apps'], resources: ['secrets'], verbs: ['get', 'list'] }]
    const reply = await post(roles, role('greedy', wanted), ann)
    expect(reply.status).toBe(403)
    expect(reply.json()['message']).toBe(
      'roles.rbac.authorization.k8s.io "greedy" is forbidden: user "ann" (groups=["system:authenticated"]) is attempting ' +
        'to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n' +
        '{APIGroups:["apps"], Resources:["secrets"], Verbs:["get" "list"]}',
    )
  })

  it('widens no role by an update, and may change what is no right', async () => {
    await post(roles, role('theirs', [{ apiGroups: [''], resources: ['secrets'], verbs: ['*'] }]))
    const label = { metadata: { labels: { a: 'b' } } }
    const headers = { ...ann, 'content-type': 'application/merge-patch+json' }
    expect((await client.ask({ method: 'PATCH', path: `${roles}/theirs`, body: label, headers })).status).toBe(200)
    const wider = { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }
    expect((await client.ask({ method: 'PATCH', path: `${roles}/pods`, body: wider, headers })).status).toBe(403)
  })

  it('binds no role with more rights than its own, unless it may bind it', async () => {
    const bindings = `${rbac}/namespaces/default/rolebindings`
    expect((await post(bindings, bind('own', 'pods'), ann)).status).toBe(201)
    expect((await post(bindings, bind('up', 'cluster-admin', 'ClusterRole'), ann)).status).toBe(403)
    const binder = [{ apiGroups: [apiGroup], resources: ['clusterroles'], resourceNames: ['view'], verbs: ['bind'] }]
    await post(roles, role('binder', binder))
    await post(bindings, bind('binder', 'binder'))
    expect((await post(bindings, bind('view', 'view', 'ClusterRole'), ann)).status).toBe(201)
    expect((await post(bindings, bind('edit', 'edit', 'ClusterRole'), ann)).status).toBe(403)
  })
})

describe('a ClusterRole with an aggregation rule', () => {
  const clusterRole = (name: string, rest: Record<string, unknown>, labels = {}) => ({
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name, labels },
    ...rest,
  })
  const rulesOf = async (name: string) => {
    const found = await client.ask({ path: `${rbac}/clusterroles/${name}` })
    return found.json<{ rules: unknown[] | null }>().rules
  }

  it('gathers the rules of what it selects, and lets go of them', async () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { part: 'sum' } }] }
    await post(`${rbac}/clusterroles`, clusterRole('sum', { aggregationRule, rules: [] }))
    await post(`${rbac}/clusterroles`, clusterRole('one', { rules: [readPods] }, { part: 'sum' }))
    await expect.poll(() => rulesOf('sum')).toEqual([expect.objectContaining({ resources: ['pods'] })])
    await client.ask({ method: 'DELETE', path: `${rbac}/clusterroles/one` })
    await expect.poll(() => rulesOf('sum')).toBeNull()
  })

  it('is how definitions add to view, edit and admin', async () => {
    const rules = [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }]
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    await post(`${rbac}/clusterroles`, clusterRole('widgets-view', { rules }, labels))
    for (const name of ['view', 'edit', 'admin']) {
      await expect.poll(async () => JSON.stringify(await rulesOf(name))).toContain('widgets')
    }
  })
})

describe('tokens of service accounts', () => {
  const tokens = '/api/v1/namespaces/default/serviceaccounts/default/token'
  const whoIs = async (token: string, from = client) => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    return (await from.ask({ method: 'POST', path, body, headers: { authorization: `Bearer ${token}` } })).status
  }
  const tokenFor = async (spec: Record<string, unknown>) => {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
    return (await post(tokens, body)).json<{ status: { token: string } }>().status.token
  }

  it('are good for this server only when they are meant for it', async () => {
    expect(await whoIs(await tokenFor({}))).toBe(201)
    expect(await whoIs(await tokenFor({ audiences: ['vault'] }))).toBe(401)
  })

  it('are refused when any part of them is changed', async () => {
    const [head = '', claims = '', signature = ''] = (await tokenFor({})).split('.')
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
    for (const bad of [`${none}.${claims}.`, `${head}.${claims}x.${signature}`, `${head}.${claims}`, '..', 'x']) {
      expect(await whoIs(bad), bad).toBe(401)
    }
  })

  it('outlive a restart of the server, and not their account', async () => {
    const token = await tokenFor({ expirationSeconds: 3600 })
    client.close()
    await cluster.close()
    cluster = await startCluster({ dataDir: join(dir, 'data') })
    client = new TestClient(cluster)
    expect(await whoIs(token)).toBe(201)
    await client.ask({ method: 'DELETE', path: '/api/v1/namespaces/default/serviceaccounts/default' })
    expect(await whoIs(token)).toBe(401)
  })
})
