import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// The safe choice: nothing is said about tenancy.
let world: World
const rbac = 'rbac.authorization.k8s.io'

const grant = async (account: string, rules: object[], namespace = 'apps') => {
  await world.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account, namespace } })
  await world.apply({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name: account, namespace }, rules })
  await world.apply({
    apiVersion: `${rbac}/v1`,
    kind: 'RoleBinding',
    metadata: { name: account, namespace },
    roleRef: { apiGroup: rbac, kind: 'Role', name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
  })
}
const maps = { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }
const as = (object: KubeObject | undefined) => conditionOf(object, 'Ready')

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  await world.start({ tenancy: {} })
  await world.source()
  for (const name of ['flux-system', 'other'])
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await grant('team', [maps])
})
afterAll(() => world.close())

const write = async (name: string, files: Record<string, string>, spec: object = {}) => {
  await world.commit(Object.fromEntries(Object.entries(files).map(([path, text]) => [`${name}/${path}`, text])))
  await world.kustomization(name, spec)
}

describe('without a word about tenancy', () => {
  test('an object without an account acts as the default one of its namespace, which may do nothing until it is bound', async () => {
    await write('plain', { 'a.yaml': configMap('plain-a') })
    const failed = messageOf(await world.failed('plain', 'ReconciliationFailed'))
    expect(failed).toMatch(
      /^ConfigMap\/apps\/plain-a dry-run failed \(Forbidden\): .*"system:serviceaccount:apps:default" cannot patch/,
    )
    expect(failed).toContain('bind a role to it, or name another one in spec.serviceAccountName')
    expect(await world.find('ConfigMap', 'plain-a')).toBeUndefined()
    await grant('default', [maps])
    await world.client.patch(
      { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization', namespace: 'apps', name: 'plain' },
      'merge',
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } },
    )
    await world.ready('plain')
    await world.client.delete({ group: rbac, version: 'v1', kind: 'RoleBinding', namespace: 'apps', name: 'default' })
  })

  test("objects of the platform's own namespace keep the engine's rights", async () => {
    await world.commit({
      'system/ns.yaml': '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"made-by-system"}}',
    })
    await world.apply({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'flux-system', namespace: 'flux-system' },
      spec: { interval: '10m', url: world.url, ref: { branch: 'main' } },
    })
    await world.apply({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'flux-system', namespace: 'flux-system' },
      spec: {
        interval: '10m',
        path: './system',
        prune: true,
        sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      },
    })
    await world.until('Kustomization', 'flux-system', object => as(object)?.status === 'True', {
      namespace: 'flux-system',
    })
    expect(await world.find('Namespace', 'made-by-system', '')).toBeDefined()
  })

  test('a source of another namespace is out of reach, and so is an expression over an object there', async () => {
    await world.kustomization('cross', {
      path: './plain',
      sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
    })
    const object = await world.failed('cross', 'AccessDenied')
    expect(messageOf(object)).toBe(
      "can't access 'GitRepository/flux-system/flux-system', cross-namespace references have been blocked",
    )
    expect(conditionOf(object, 'Stalled')?.status).toBe('True')
    const dependsOn = [{ name: 'flux-system', namespace: 'flux-system', readyExpr: "dep.spec.path == './system'" }]
    await world.kustomization('peek', { path: './plain', dependsOn })
    await world.failed('peek', 'AccessDenied')
  })

  test.each(['team:x', '../x', 'Team', 'system:masters'])('an account called %s is no account', async account => {
    const name = `odd-${account
      .replace(/\W/g, '-')
      .toLowerCase()
      .replace(/^-+|-+$/g, '')}`
    await world.kustomization(name, { path: './plain', serviceAccountName: account })
    expect(messageOf(await world.failed(name, 'AccessDenied'))).toContain('the name of a service account')
  })
})

describe('what a tenant does is done as the tenant', () => {
  test('it applies, corrects drift, and prunes what its account may', async () => {
    await write(
      'mine',
      { 'a.yaml': configMap('mine-a'), 'b.yaml': configMap('mine-b') },
      { serviceAccountName: 'team', wait: true },
    )
    await world.ready('mine')
    await world.client.patch(
      { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'mine-a' },
      'merge',
      { data: { a: '2' } },
    )
    await world.until('ConfigMap', 'mine-a', object => (object?.['data'] as { a?: string })?.a === '1')
    await world.commit({ 'mine/b.yaml': undefined })
    await world.until('ConfigMap', 'mine-b', object => object === undefined)
    const calls = world.calls.filter(({ what }) => what.startsWith('ConfigMap/mine-'))
    expect(calls.length).toBeGreaterThan(4)
    expect(calls.filter(({ user }) => user !== 'system:serviceaccount:apps:team')).toEqual([])
  })

  test.each([
    [
      'a ClusterRole',
      { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'evil' }, rules: [] },
      /clusterroles.*cannot (?:patch|get|list)/,
    ],
    [
      'a ConfigMap of another namespace',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'evil', namespace: 'other' } },
      /configmaps.*in the namespace "other"/,
    ],
    ['a Namespace', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'evil' } }, /namespaces/],
    [
      'a Kustomization for the platform',
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'evil', namespace: 'flux-system' },
        spec: { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
      },
      /kustomizations.*"flux-system"/,
    ],
    [
      'a binding of its own account',
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { name: 'evil', namespace: 'apps' },
        roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'ServiceAccount', name: 'team', namespace: 'apps' }],
      },
      /rolebindings/,
    ],
  ])('%s is refused by the server, and nothing beside it is applied', async (_what, object, words) => {
    const name = `evil-${object.kind.toLowerCase()}-${'namespace' in object.metadata ? object.metadata.namespace : 'cluster'}`
    await write(
      name,
      { 'evil.yaml': JSON.stringify(object), 'ok.yaml': configMap(`${name}-ok`) },
      { serviceAccountName: 'team' },
    )
    const message = messageOf(await world.failed(name, 'ReconciliationFailed'))
    expect(message).toMatch(words)
    expect(message).toContain('system:serviceaccount:apps:team')
    expect(await world.find('ConfigMap', `${name}-ok`)).toBeUndefined()
  })

  test('a health check reads nothing that the account may not read', async () => {
    await world.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'foreign', namespace: 'other' },
      stringData: { password: 'x' },
    })
    await write(
      'oracle',
      { 'a.yaml': configMap('oracle-a') },
      {
        serviceAccountName: 'team',
        healthChecks: [{ apiVersion: 'v1', kind: 'Secret', name: 'foreign', namespace: 'other' }],
        healthCheckExprs: [{ apiVersion: 'v1', kind: 'Secret', current: "data.password == 'eA=='" }],
      },
    )
    expect(messageOf(await world.failed('oracle', 'HealthCheckFailed'))).toMatch(
      /Secret\/other\/foreign: .*system:serviceaccount:apps:team/,
    )
  })

  test('another account has to show that it may do the same', async () => {
    await write('moved', { 'a.yaml': configMap('moved-a') }, { serviceAccountName: 'team' })
    await world.ready('moved')
    await world.kustomization('moved', { serviceAccountName: 'nobody' })
    expect(messageOf(await world.failed('moved', 'ReconciliationFailed'))).toContain(
      'system:serviceaccount:apps:nobody',
    )
  })

  test('what its account may no longer delete stays, and is told', async () => {
    await write('kept', { 'a.yaml': configMap('kept-a') }, { serviceAccountName: 'team' })
    await world.ready('kept')
    await world.client.delete({ group: rbac, version: 'v1', kind: 'RoleBinding', namespace: 'apps', name: 'team' })
    await world.client.delete({
      group: 'kustomize.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'Kustomization',
      namespace: 'apps',
      name: 'kept',
    })
    await world.until('Kustomization', 'kept', object => object === undefined)
    expect(await world.find('ConfigMap', 'kept-a')).toBeDefined()
    const events = world.events.filter(event => event.about.name === 'kept' && event.severity === 'error')
    expect(events.at(-1)?.message).toContain('unable to prune objects')
  })
})
