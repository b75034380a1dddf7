import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createKubeClient, isInvalid, loadKubeConfig, statusOf } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import { parseObjects } from '../../kube/yaml/index.ts'
import type { Cluster } from '../../specs/index.ts'
import { type SandboxCluster, startCluster } from '../index.ts'
import { eksaAdmission, installEksaCrds, type Machines, startMachines } from './index.ts'
import { clusterLabel, isReady } from './node.ts'

const kind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const
const ref = (name: string) => ({ ...kind, namespace: 'default', name })

describe('a cluster of the sandbox', () => {
  let folder: string
  let server: SandboxCluster
  let client: KubeClient
  let machines: Machines | undefined
  let cache: WatchCache
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-machines-'))
    const kubeconfigPath = join(folder, 'kubeconfig')
    server = await startCluster({ kubeconfigPath, admission: [eksaAdmission()] })
    client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'sluice-test' })
    await installEksaCrds(client)
    await installEksaCrds(client)
    cache = new WatchCache(client)
  })
  beforeEach(async () => {
    machines = await startMachines({ client, readyAfterMs: 30 })
  })
  afterEach(async () => {
    // A management cluster goes only when the command line says so.
    const annotations = {
      'anywhere.eks.amazonaws.com/managed-by-cli': 'true',
      'anywhere.eks.amazonaws.com/paused': null,
    }
    for (const { metadata } of (await client.list(kind)).items) {
      await client.patch(ref(metadata.name!), 'merge', { metadata: { annotations } })
      await client.delete(ref(metadata.name!))
      await until(metadata.name!, object => object === undefined)
    }
    await machines?.close()
  })
  afterAll(async () => {
    cache.stop()
    await client.close()
    await server.close()
    await rm(folder, { recursive: true })
  })

  const until = (name: string, holds: (object: Cluster | undefined) => boolean) =>
    cache.waitFor(ref(name), object => holds(object as Cluster | undefined), AbortSignal.timeout(10_000))
  const status = (object: KubeObject | undefined) => (object as Cluster | undefined)?.status
  const settled = (name: string) =>
    until(
      name,
      object =>
        conditionOf(object, 'Ready')?.status === 'True' &&
        status(object)?.reconciledGeneration === object?.metadata.generation,
    )
  const nodesOf = async (name: string) =>
    (await client.list({ apiVersion: 'v1', kind: 'Node' }, { labelSelector: `${clusterLabel}=${name}` })).items
  const apply = async (name: string, keep: (object: KubeObject) => boolean = () => true) => {
    const objects = parseObjects(await readFile(`examples/eks-anywhere/${name}.yaml`, 'utf8'))
    for (const object of objects.filter(keep)) await client.apply(object, { fieldManager: 'test', force: true })
  }
  const change = (name: string, patch: object) => client.patch(ref(name), 'merge', patch)

  it('reports its way to Ready in few writes, with the documented conditions', async () => {
    const seen: string[] = []
    const informer = cache.informer(kind)
    await informer.synced
    informer.subscribe(event => {
      const ready = event.type === 'deleted' ? undefined : conditionOf(event.object, 'Ready')
      if (event.object.metadata.name === 'mgmt')
        seen.push(`${ready?.status} ${ready?.reason ?? ''} ${ready?.message ?? ''}`)
    })
    await apply('mgmt')
    const cluster = await settled('mgmt')
    informer.stop()
    expect(status(cluster)?.conditions?.map(one => `${one.type}=${one.status}`)).toEqual([
      'ControlPlaneInitialized=True',
      'ControlPlaneReady=True',
      'DefaultCNIConfigured=True',
      'WorkersReady=True',
      'Ready=True',
    ])
    expect(status(cluster)).toMatchObject({
      observedGeneration: 1,
      reconciledGeneration: 1,
      childrenReconciledGeneration: 4,
    })
    expect(status(cluster)).not.toHaveProperty('failureReason')
    // Which steps a watcher catches depends on the machine; what they say is tested with the status itself.
    expect(seen.some(text => /Scaling up|not ready yet|not available yet/.test(text))).toBe(true)
    expect(seen.at(-1)).toBe('True  ')
    expect(seen.length).toBeLessThanOrEqual(10)
  })

  it('has nodes with the labels, taints, capacity and version that the spec asks for', async () => {
    await apply('mgmt')
    await apply('prod')
    await settled('prod')
    const nodes = await nodesOf('prod')
    const batch = nodes.find(node => node.metadata.labels?.['tier'] === 'batch')!
    expect(batch.metadata.name).toMatch(/^prod-batch-[a-z0-9]{5}$/)
    expect(batch.metadata.labels).toMatchObject({
      'cluster.x-k8s.io/cluster-name': 'prod',
      'cluster.x-k8s.io/deployment-name': 'prod-batch',
      'kubernetes.io/hostname': batch.metadata.name,
    })
    expect(batch['spec']).toMatchObject({ taints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] })
    expect((batch['spec'] as { taints: unknown[] }).taints).toHaveLength(1)
    expect(batch['status']).toMatchObject({
      capacity: { cpu: '8', memory: '16Gi' },
      nodeInfo: { kubeletVersion: 'v1.32.0' },
    })
    const control = nodes.filter(node => 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {}))
    expect(control).toHaveLength(3)
    expect(control[0]?.metadata.name).toMatch(/^prod-cp-/)
    expect(control[0]?.['spec']).toMatchObject({ taints: [{ key: 'node-role.kubernetes.io/control-plane' }] })
    const flux = await client.get({ ...kind, kind: 'FluxConfig', namespace: 'default', name: 'prod' })
    expect(flux.metadata.ownerReferences).toMatchObject([{ kind: 'Cluster', name: 'prod' }])
  })

  it('replaces its machines one after the other when the version goes up, the control plane first', async () => {
    await apply('mgmt')
    await settled('mgmt')
    const before = (await nodesOf('mgmt')).map(node => node.metadata.name)
    const states: string[] = []
    let fewest = 9
    let most = 0
    const clusters = cache.informer(kind)
    const nodes = cache.informer({ apiVersion: 'v1', kind: 'Node' })
    await Promise.all([clusters.synced, nodes.synced])
    clusters.subscribe(({ object }) => states.push(conditionOf(object, 'Ready')?.message ?? ''))
    nodes.subscribe(() => {
      const control = nodes
        .list()
        .filter(node => 'node-role.kubernetes.io/control-plane' in (node.metadata.labels ?? {}))
      fewest = Math.min(fewest, control.filter(isReady).length)
      most = Math.max(most, control.length)
    })
    await change('mgmt', { spec: { kubernetesVersion: '1.33' } })
    await settled('mgmt')
    clusters.stop()
    nodes.stop()
    const after = await nodesOf('mgmt')
    expect(after).toHaveLength(5)
    expect(after.filter(node => before.includes(node.metadata.name))).toEqual([])
    expect(after.every(node => JSON.stringify(node['status']).includes('v1.33.0'))).toBe(true)
    expect(states).toContain('Control plane nodes not up-to-date yet, 3 upgrading (1 up to date)')
    expect(states).toContain('Worker nodes not up-to-date yet, 2 upgrading (1 up to date)')
    expect([fewest, most]).toEqual([3, 4])
  })

  it('says what is missing, and goes on when it is there', async () => {
    await apply('mgmt', object => object.kind !== 'VSphereMachineConfig')
    const stuck = await until('mgmt', object => status(object)?.failureReason !== undefined)
    expect(status(stuck)).toMatchObject({
      failureReason: 'MissingDependentObjects',
      failureMessage: expect.stringContaining('VSphereMachineConfig mgmt-cp, VSphereMachineConfig mgmt-md-0'),
    })
    expect(await nodesOf('mgmt')).toEqual([])
    await apply('mgmt', object => object.kind === 'VSphereMachineConfig')
    expect(status(await settled('mgmt'))).not.toHaveProperty('failureReason')
  })

  it('waits for its management cluster', async () => {
    await apply('staging')
    const stuck = await until('staging', object => status(object)?.failureReason === 'ManagementClusterRefInvalid')
    expect(status(stuck)?.failureMessage).toBe('Management cluster mgmt does not exist')
    expect(await nodesOf('staging')).toEqual([])
    await apply('mgmt')
    await settled('staging')
    expect(await nodesOf('staging')).toHaveLength(2)
  })

  it('is left alone while it is paused', async () => {
    await apply('mgmt')
    await settled('mgmt')
    await change('mgmt', { metadata: { annotations: { 'anywhere.eks.amazonaws.com/paused': 'true' } } })
    await change('mgmt', { spec: { controlPlaneConfiguration: { count: 1 } } })
    await new Promise(resolve => setTimeout(resolve, 150))
    expect(await nodesOf('mgmt')).toHaveLength(5)
    await change('mgmt', { metadata: { annotations: { 'anywhere.eks.amazonaws.com/paused': null } } })
    await settled('mgmt')
    expect(await nodesOf('mgmt')).toHaveLength(3)
  })

  it('that manages itself is not deleted without the command line', async () => {
    await apply('mgmt')
    await settled('mgmt')
    await client.delete(ref('mgmt'))
    const kept = await until('mgmt', object => status(object)?.failureReason === 'ClusterInvalid')
    expect(status(kept)?.failureMessage).toBe('deleting self-managed clusters is not supported')
    expect(await nodesOf('mgmt')).toHaveLength(5)
  })

  it('is taken up again after a restart, without making or losing a machine', async () => {
    await apply('mgmt')
    await apply('prod')
    await Promise.all(['mgmt', 'prod'].map(settled))
    const names = async () => (await nodesOf('prod')).map(node => node.metadata.name).sort()
    const before = await names()
    await machines?.close()
    await client.delete({
      group: '',
      version: 'v1',
      kind: 'Node',
      namespace: '',
      name: before.find(name => name?.startsWith('prod-web'))!,
    })
    const batch = before.filter(name => name?.startsWith('prod-batch'))
    machines = await startMachines({ client, readyAfterMs: 30 })
    await expect.poll(async () => (await nodesOf('prod')).filter(isReady).length, { timeout: 5000 }).toBe(before.length)
    expect((await names()).filter(name => name?.startsWith('prod-batch'))).toEqual(batch)
  })

  it('takes no autoscaled machine away when Git says another count, and follows new bounds', async () => {
    await apply('mgmt')
    await apply('prod')
    await settled('prod')
    const batch = async () => (await nodesOf('prod')).filter(node => node.metadata.labels?.['tier'] === 'batch').length
    const groups = ((await client.get(ref('prod'))) as Cluster).spec.workerNodeGroupConfigurations!
    const edit = async (patch: object) => {
      await change('prod', { spec: { workerNodeGroupConfigurations: [groups[0], { ...groups[1], ...patch }] } })
      await settled('prod')
    }
    expect(await batch()).toBe(2)
    await edit({ count: 4 })
    expect(await batch()).toBe(2)
    await edit({ count: 4, autoscalingConfiguration: { minCount: 3, maxCount: 5 } })
    expect(await batch()).toBe(3)
    await edit({ count: 1, autoscalingConfiguration: { minCount: 1, maxCount: 1 } })
    expect(await batch()).toBe(1)
  })

  it('is refused by the webhook with every field that is wrong, and a FluxConfig cannot be changed', async () => {
    await apply('mgmt')
    await settled('mgmt')
    const bad = { spec: { controlPlaneConfiguration: { count: 2, endpoint: { host: 'other' } } } }
    const refused = await change('mgmt', bad).catch((error: unknown) => error)
    expect(isInvalid(refused)).toBe(true)
    expect(
      statusOf(refused)
        ?.details?.causes?.map(cause => cause.field)
        .sort(),
    ).toEqual(['spec.controlPlaneConfiguration.count', 'spec.controlPlaneConfiguration.endpoint'])
    const flux = { ...kind, kind: 'FluxConfig', namespace: 'default', name: 'mgmt' }
    const fixed = await client.patch(flux, 'merge', { spec: { branch: 'other' } }).catch((error: unknown) => error)
    expect(statusOf(fixed)?.message).toContain('config is immutable')
    const dry = await client.patch(ref('mgmt'), 'merge', bad, { dryRun: true }).catch((error: unknown) => error)
    expect(isInvalid(dry)).toBe(true)
  })
})
