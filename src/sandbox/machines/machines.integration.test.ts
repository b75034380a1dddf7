import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKubeClient, isInvalid, loadKubeConfig, statusOf } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import { parseObjects } from '../../kube/yaml/index.ts'
import { type SandboxCluster, startCluster } from '../index.ts'
import { eksaAdmission, installEksaCrds, type Machines, startMachines } from './index.ts'
import { clusterLabel, groupOf } from './node.ts'

const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const

describe('the machines of the example fleet', () => {
  let folder: string
  let server: SandboxCluster
  let client: KubeClient
  let machines: Machines
  let cache: WatchCache
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-machines-'))
    const kubeconfigPath = join(folder, 'kubeconfig')
    server = await startCluster({ kubeconfigPath, admission: [eksaAdmission()] })
    client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'sluice-test' })
    await installEksaCrds(client)
    machines = await startMachines({ client, readyAfterMs: 0 })
    cache = new WatchCache(client)
    for (const name of (await readdir('examples/eks-anywhere')).filter(one => one.endsWith('.yaml'))) {
      for (const object of parseObjects(await readFile(join('examples/eks-anywhere', name), 'utf8'))) {
        await client.apply(
          { ...object, metadata: { ...object.metadata, namespace: 'default' } },
          { fieldManager: 'kustomize-controller', force: true },
        )
      }
    }
  })
  afterAll(async () => {
    cache.stop()
    await machines.close()
    await client.close()
    await server.close()
    await rm(folder, { recursive: true })
  })

  const isReady = (object: KubeObject | undefined) =>
    conditionOf(object, 'Ready')?.status === 'True' &&
    (object?.['status'] as { observedGeneration?: number } | undefined)?.observedGeneration ===
      object?.metadata.generation
  const ready = (name: string) =>
    cache.waitFor({ ...clusterKind, namespace: 'default', name }, isReady, AbortSignal.timeout(10_000))
  const counts = async (cluster: string) => {
    const { items } = await client.list(
      { apiVersion: 'v1', kind: 'Node' },
      { labelSelector: `${clusterLabel}=${cluster}` },
    )
    const groups: Record<string, number> = {}
    for (const node of items)
      groups[groupOf(node, cluster)?.name ?? '?'] = (groups[groupOf(node, cluster)?.name ?? '?'] ?? 0) + 1
    return groups
  }
  const setGroup = (
    cluster: string,
    change: (spec: { workerNodeGroupConfigurations: Record<string, unknown>[] }) => void,
  ) =>
    client.get({ ...clusterKind, namespace: 'default', name: cluster }).then(object => {
      const copy = structuredClone(object)
      change(copy['spec'] as { workerNodeGroupConfigurations: Record<string, unknown>[] })
      return client.replace(copy)
    })

  it('come up to the counts of the specs, and the clusters become Ready', async () => {
    await Promise.all(['mgmt', 'prod', 'staging'].map(ready))
    expect(await counts('mgmt')).toEqual({ 'control-plane': 3, 'md-0': 2 })
    expect(await counts('prod')).toEqual({ 'control-plane': 3, web: 3, batch: 2 })
  })

  it('follow a count up, to zero, and a group that is removed', async () => {
    await setGroup('prod', spec => (spec.workerNodeGroupConfigurations[0]!['count'] = 5))
    await ready('prod')
    expect(await counts('prod')).toEqual({ 'control-plane': 3, web: 5, batch: 2 })
    await setGroup('prod', spec => (spec.workerNodeGroupConfigurations[0]!['count'] = 0))
    await ready('prod')
    expect(await counts('prod')).toEqual({ 'control-plane': 3, batch: 2 })
    await setGroup('prod', spec => spec.workerNodeGroupConfigurations.pop())
    await ready('prod')
    expect(await counts('prod')).toEqual({ 'control-plane': 3 })
  })

  it('are not made for a spec that a webhook of EKS Anywhere refuses', async () => {
    const before = await counts('mgmt')
    const refused = await setGroup('mgmt', spec => {
      ;(spec as unknown as { controlPlaneConfiguration: { count: number } }).controlPlaneConfiguration.count = 2
    }).catch((error: unknown) => error)
    expect(isInvalid(refused)).toBe(true)
    expect(statusOf(refused)?.details?.causes?.[0]?.field).toContain('controlPlaneConfiguration')
    expect(await counts('mgmt')).toEqual(before)
  })

  it('go with a workload cluster', async () => {
    await client.delete({ ...clusterKind, namespace: 'default', name: 'staging' })
    await cache.waitFor(
      { ...clusterKind, namespace: 'default', name: 'staging' },
      object => object === undefined,
      AbortSignal.timeout(10_000),
    )
    expect(await counts('staging')).toEqual({})
  })
})
