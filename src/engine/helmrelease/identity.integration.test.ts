import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKubeClient, loadKubeConfig } from '../../kube/client/index.ts'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { helmReleaseKind } from './contract.ts'
import { packChart } from './testing/chart-shelf.ts'
import { helmForTests } from './testing/helm-path.ts'
import { ReleaseWorld } from './testing/release-world.ts'

const helm = await helmForTests()
const cm = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\n'

describe.skipIf(helm === undefined)('a HelmRelease acts', { timeout: 60_000 }, () => {
  let world: ReleaseWorld
  const put = (name: string) =>
    world.shelf.put('HelmChart', name, '1.0.0', packChart(name, '1.0.0', { 'templates/cm.yaml': cm }))
  const gone = async (name: string) => {
    await world.client.delete({
      group: 'helm.toolkit.fluxcd.io',
      version: 'v2',
      kind: 'HelmRelease',
      namespace: 'apps',
      name,
    })
    while ((await world.find('HelmRelease', name)) !== undefined) await new Promise(resolve => setTimeout(resolve, 50))
  }
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster }, helm!)
    await world.start()
  }, 60_000)
  afterAll(() => world?.close())

  test('as its service account, and only with the rights of that', async () => {
    put('tenant')
    await world.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'deployer', namespace: 'apps' } })
    await world.release('tenant', { serviceAccountName: 'deployer' })
    const refused = await world.until('tenant', object => conditionOf(object, 'Ready')?.status === 'False')
    expect(conditionOf(refused, 'Ready')?.message).toContain('system:serviceaccount:apps:deployer')
    const rbac = 'rbac.authorization.k8s.io'
    await world.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'deployer', namespace: 'apps' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'apps' }],
    })
    await world.reconcile('tenant')
    await world.ready('tenant')
    expect(await world.find('ConfigMap', 'tenant')).toBeDefined()
  })

  test('no more when its service account is gone: its object goes, the release stays', async () => {
    await world.client.delete({ group: '', version: 'v1', kind: 'ServiceAccount', namespace: 'apps', name: 'deployer' })
    world.runs.length = 0
    await gone('tenant')
    expect(world.runs).toEqual([])
    expect(await world.find('ConfigMap', 'tenant')).toBeDefined()
  })

  test('on another cluster that a Secret leads to', async () => {
    const path = join(world.dir, 'remote')
    const remote = await startCluster({ kubeconfigPath: path })
    const client = createKubeClient(await loadKubeConfig({ path, env: {} }), { userAgent: 'test' })
    try {
      put('far')
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } })
      const value = (await readFile(path)).toString('base64')
      await world.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'remote', namespace: 'apps' },
        data: { value },
      })
      await world.release('far', { kubeConfig: { secretRef: { name: 'remote' } } })
      await world.ready('far')
      const there = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'far' }
      expect(await client.find(there)).toBeDefined()
      expect(await world.find('ConfigMap', 'far')).toBeUndefined()
      expect(await client.find({ ...there, kind: 'Secret', name: 'sh.helm.release.v1.far.v1' })).toBeDefined()
      // An engine that has lost its lease writes nothing there either, not by helm and not by itself.
      world.checkLead = () => {
        throw new Error('another engine leads')
      }
      put('late')
      await world.release('late', { kubeConfig: { secretRef: { name: 'remote' } } })
      const late = await world.until('late', object => conditionOf(object, 'Ready')?.status === 'False')
      expect(conditionOf(late, 'Ready')?.message).toContain('another engine leads')
      expect(await client.find({ ...there, kind: 'Secret', name: 'sh.helm.release.v1.late.v1' })).toBeUndefined()
      world.checkLead = () => undefined
      await gone('late')
      await gone('far')
      expect(await client.find(there)).toBeUndefined()
    } finally {
      await client.close()
      await remote.close()
    }
  })

  test('with no kubeconfig that names programs or files of this machine, drops checks or borrows an identity', async () => {
    put('exec')
    const kubeconfig = (cluster: object, user: object) =>
      world.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'exec', namespace: 'apps' },
        stringData: {
          value: JSON.stringify({
            apiVersion: 'v1',
            kind: 'Config',
            clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
            users: [{ name: 'u', user }],
            contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
            'current-context': 'x',
          }),
        },
      })
    await kubeconfig({}, { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch' } })
    await world.release('exec', { kubeConfig: { secretRef: { name: 'exec' } } })
    const refused = (field: string) =>
      world.until('exec', one => {
        const ready = conditionOf(one, 'Ready')
        return ready?.reason === 'RESTClientError' && ready.message?.includes(field)
      })
    await refused('user.exec')
    await kubeconfig({ 'insecure-skip-tls-verify': true }, { token: 't' })
    await refused('cluster.insecure-skip-tls-verify')
    await kubeconfig({ 'proxy-url': 'http://127.0.0.1:1' }, { as: 'system:admin', token: 't' })
    await refused('cluster.proxy-url')
    await kubeconfig({ server: 'http://127.0.0.1:1' }, { token: 't' })
    await refused('https URL')
  })
})

describe.skipIf(helm === undefined)('without a choice of its own, a HelmRelease', { timeout: 60_000 }, () => {
  let world: ReleaseWorld
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster }, helm!)
    // What an engine without options does.
    await world.start({})
  }, 60_000)
  afterAll(() => world?.close())
  const put = (name: string, namespace = 'apps') =>
    world.shelf.put('HelmChart', name, '1.0.0', packChart(name, '1.0.0', { 'templates/cm.yaml': cm }), namespace)

  test('acts as the default account of its namespace, and can do no more than that', async () => {
    put('plain')
    await world.release('plain')
    const refused = await world.until('plain', object => conditionOf(object, 'Ready')?.status === 'False')
    expect(conditionOf(refused, 'Ready')?.message).toContain('system:serviceaccount:apps:default')
    expect(await world.find('ConfigMap', 'plain')).toBeUndefined()
    expect(await world.find('Secret', 'sh.helm.release.v1.plain.v1')).toBeUndefined()
    // Elsewhere is as far.
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } })
    put('away')
    await world.release('away', { targetNamespace: 'other', storageNamespace: 'other' })
    const away = await world.until('away', object => conditionOf(object, 'Ready')?.status === 'False')
    expect(conditionOf(away, 'Ready')?.message).toContain('system:serviceaccount:apps:default')
    // Its object can go all the same: nothing was released.
    for (const name of ['plain', 'away']) {
      await world.client.delete({ ...helmReleaseKind, namespace: 'apps', name })
      while ((await world.find('HelmRelease', name)) !== undefined) await new Promise(next => setTimeout(next, 50))
    }
  })

  test('takes no chart of another namespace, and has none made there', async () => {
    put('foreign', 'other')
    const blocked = (kind: string, name: string) =>
      `can't access '${kind}/other/${name}', cross-namespace references have been blocked`
    await world.release('foreign', { chartRef: { kind: 'HelmChart', name: 'foreign', namespace: 'other' } })
    const object = await world.stalled('foreign')
    expect(conditionOf(object, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'AccessDenied',
      message: blocked('HelmChart', 'foreign'),
    })
    expect(world.events).toContainEqual(
      expect.objectContaining({ severity: 'error', reason: 'AccessDenied', message: blocked('HelmChart', 'foreign') }),
    )
    const sourceRef = { kind: 'HelmRepository', name: 'theirs', namespace: 'other' }
    await world.apply({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'template', namespace: 'apps' },
      spec: { interval: '10m', chart: { spec: { chart: 'web', sourceRef } } },
    })
    const template = await world.stalled('template')
    expect(conditionOf(template, 'Ready')?.reason).toBe('AccessDenied')
    const chart = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'HelmChart', namespace: 'other' }
    expect(await world.client.find({ ...chart, name: 'apps-template' })).toBeUndefined()
  })

  test('looks into no object of another namespace', async () => {
    put('curious')
    await world.release('curious', {
      dependsOn: [{ name: 'foreign', namespace: 'other', readyExpr: 'dep.spec.values.password == "x"' }],
    })
    expect(conditionOf(await world.stalled('curious'), 'Ready')?.reason).toBe('AccessDenied')
    expect(world.runs).not.toContain('template')
  })
})

describe.skipIf(helm === undefined)('a HelmRelease that is given to another shard', { timeout: 60_000 }, () => {
  let world: ReleaseWorld
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster }, helm!)
    world.owns = ({ metadata }) => metadata.labels?.['sharding.fluxcd.io/key'] !== 'other'
    await world.start()
  }, 60_000)
  afterAll(() => world?.close())

  test('is left at once, in the middle of an installation too, without another word', async () => {
    // Nobody runs Deployments in this cluster: helm waits until its time is over.
    const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  selector: {matchLabels: {app: slow}}
  template: {metadata: {labels: {app: slow}}, spec: {containers: [{name: c, image: x}]}}
`
    world.shelf.put('HelmChart', 'slow', '1.0.0', packChart('slow', '1.0.0', { 'templates/d.yaml': deployment }))
    await world.release('slow', { timeout: '3s', install: { remediation: { retries: 3 } } })
    while ((await world.find('Deployment', 'slow')) === undefined) await new Promise(next => setTimeout(next, 25))
    const given = await world.client.patch({ ...helmReleaseKind, namespace: 'apps', name: 'slow' }, 'merge', {
      metadata: { labels: { 'sharding.fluxcd.io/key': 'other' } },
    })
    const stored = () => world.find('Secret', 'sh.helm.release.v1.slow.v1')
    const before = await stored()
    expect(before?.metadata.labels?.['status']).toBe('pending-install')
    // Longer than helm would have waited.
    await new Promise(next => setTimeout(next, 5000))
    expect((await world.find('HelmRelease', 'slow'))?.metadata.resourceVersion).toBe(given.metadata.resourceVersion)
    expect((await stored())?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion)
    expect(world.events).toEqual([])
  })
})
