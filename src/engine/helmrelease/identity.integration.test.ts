import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKubeClient, loadKubeConfig } from '../../kube/client/index.ts'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
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
      await gone('far')
      expect(await client.find(there)).toBeUndefined()
    } finally {
      await client.close()
      await remote.close()
    }
  })

  test('with no kubeconfig that names programs or files of this machine', async () => {
    put('exec')
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch' } } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
      'current-context': 'x',
    }
    await world.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'exec', namespace: 'apps' },
      stringData: { value: JSON.stringify(config) },
    })
    await world.release('exec', { kubeConfig: { secretRef: { name: 'exec' } } })
    const object = await world.until('exec', one => conditionOf(one, 'Ready')?.reason === 'RESTClientError')
    expect(conditionOf(object, 'Ready')?.message).toContain('exec')
  })
})
