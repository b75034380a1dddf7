import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { World } from '../engine/testing/world.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { type SandboxAws, startAws } from '../sandbox/aws/index.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { startCluster } from '../sandbox/index.ts'
import { type EksctlCluster, eksctlClusterKind } from '../specs/index.ts'
import { type NodeGroups, startNodeGroups } from './controller.ts'

const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })
const file = (count: number, more = '') =>
  `apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-north-1}\nmanagedNodeGroups:\n- {name: a, minSize: 1, maxSize: 9, desiredCapacity: ${count}}\n${more}`

let world: World
let aws: SandboxAws
const running: NodeGroups[] = []

beforeEach(async () => {
  world = await World.open({ startCluster, startForge }, { 'eksctl/prod.yaml': file(3) })
  aws = await startAws({ updateMs: 20 })
  aws.admin.addCluster('prod')
  aws.admin.addManaged('prod', 'a', scaling(1, 9, 1))
  await world.client.apply(eksctlClusterKind.crd(), { fieldManager: 'test' })
  world.client.invalidateDiscovery()
  await world.start()
  await world.source()
})

afterEach(async () => {
  for (const one of running.splice(0)) await one.close()
  await aws.close()
  await world.close()
})

async function start(name = 'one'): Promise<NodeGroups> {
  const started = await startNodeGroups({
    client: world.client,
    dataDir: join(world.dir, `nodegroups-${name}`),
    aws: { endpoint: aws.url, credentials: { accessKeyId: 'AKIDSANDBOX', secretAccessKey: 'x' }, maxAttempts: 1 },
    pollMs: 50,
    lease: { durationMs: 1500, retryMs: 200 },
  })
  running.push(started)
  return started
}

const object = (spec: object = {}): Promise<KubeObject> =>
  world.apply({
    apiVersion: eksctlClusterKind.apiVersion,
    kind: 'EksctlCluster',
    metadata: { name: 'prod', namespace: 'apps' },
    spec: { configPath: 'eksctl/prod.yaml', sourceRef: { name: 'fleet' }, interval: '10m', ...spec },
  })

async function until(what: (object: EksctlCluster) => unknown): Promise<EksctlCluster> {
  const ref = {
    group: eksctlClusterKind.group,
    version: 'v1alpha1',
    kind: 'EksctlCluster',
    namespace: 'apps',
    name: 'prod',
  }
  const deadline = performance.now() + 20_000
  for (;;) {
    const found = (await world.client.find(ref)) as EksctlCluster | undefined
    if (found !== undefined && what(found)) return found
    if (performance.now() > deadline) throw new Error(JSON.stringify(found?.status, null, 1))
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const ready = (found: EksctlCluster, status: string, reason?: string) => {
  const condition = conditionOf(found as KubeObject, 'Ready')
  return condition?.status === status && (reason === undefined || condition.reason === reason)
}
const size = () => aws.state.clusters.get('prod')?.get('a')?.scaling.desiredSize
const writes = () => aws.calls.filter(call => /:(Update|Create|Delete)/.test(call.action))

describe('the reconciler of node groups', () => {
  test('follows each new revision, and does nothing in between', async () => {
    await start()
    await object()
    const first = await until(found => ready(found, 'True'))
    expect(size()).toBe(3)
    const commit = await world.commit({ 'eksctl/prod.yaml': file(5) })
    const second = await until(found => found.status?.lastAppliedRevision === `main@sha1:${commit}`)
    expect(size()).toBe(5)
    expect(second.status?.lastAppliedRevision).not.toBe(first.status?.lastAppliedRevision)
    const calls = aws.calls.length
    await new Promise(resolve => setTimeout(resolve, 400))
    expect(aws.calls).toHaveLength(calls)
    expect(writes()).toHaveLength(2)
  })

  test('leaves the groups as they are when the file breaks, is gone, or has no source, and goes on when it is mended', async () => {
    await start()
    await object()
    await until(found => ready(found, 'True'))
    await world.commit({ 'eksctl/prod.yaml': file(4, 'nodegroups: []\n') })
    const broken = await until(found => ready(found, 'False', 'BuildFailed'))
    expect(conditionOf(broken as KubeObject, 'Ready')?.message).toContain('did you mean nodeGroups?')
    await world.commit({ 'eksctl/prod.yaml': undefined, 'README.md': 'x' })
    await until(found => ready(found, 'False', 'ArtifactFailed'))
    await object({ sourceRef: { name: 'other' } })
    await until(found => conditionOf(found as KubeObject, 'Ready')?.message?.includes('GitRepository/apps/other'))
    expect(size()).toBe(3)
    expect(writes()).toHaveLength(1)
    await world.commit({ 'eksctl/prod.yaml': file(4) })
    await object()
    await until(found => ready(found, 'True'))
    expect(size()).toBe(4)
  })

  test('leaves a suspended cluster alone', async () => {
    await start()
    await object({ suspend: true })
    await world.commit({ 'eksctl/prod.yaml': file(5) })
    await new Promise(resolve => setTimeout(resolve, 600))
    expect(aws.calls).toEqual([])
    await object({ suspend: false })
    await until(found => ready(found, 'True'))
    expect(size()).toBe(5)
  })

  test('tries again by itself when AWS did not answer', async () => {
    aws.misbehave({ kind: 'server-error', action: 'eks:ListNodegroups', times: 2 })
    aws.misbehave({ kind: 'resource-in-use', action: 'eks:UpdateNodegroupConfig', times: 2 })
    await start()
    await object()
    await until(found => ready(found, 'True'))
    expect(size()).toBe(3)
    expect(aws.state.clusters.get('prod')?.get('a')?.updates).toHaveLength(1)
  })

  test('acts once where two run, and the other takes over', async () => {
    const one = await start('one')
    await object()
    await until(found => ready(found, 'True'))
    const two = await start('two')
    await world.commit({ 'eksctl/prod.yaml': file(5) })
    await until(found => found.status?.groups?.[0]?.live?.desired === 5)
    expect([one.leading, two.leading]).toEqual([true, false])
    expect(writes()).toHaveLength(2)
    await one.close()
    await world.commit({ 'eksctl/prod.yaml': file(6) })
    await until(found => found.status?.groups?.[0]?.live?.desired === 6)
    expect(two.leading).toBe(true)
    expect(writes()).toHaveLength(3)
  })

  test('has its folder for itself', async () => {
    await start('one')
    await expect(start('one')).rejects.toMatchObject({ code: 'E_ENGINE_DATA_BUSY' })
  })

  test('ends at once while an answer is awaited', async () => {
    aws.misbehave({ kind: 'slow', action: 'eks:ListNodegroups', delayMs: 20_000 })
    const one = await start()
    await object()
    const deadline = performance.now() + 10_000
    while (!one.leading && performance.now() < deadline) await new Promise(resolve => setTimeout(resolve, 20))
    await new Promise(resolve => setTimeout(resolve, 300))
    await one.close()
    // The answer has not come: nobody waited for it.
    expect(aws.calls.filter(call => call.action === 'eks:ListNodegroups')).toEqual([])
  })
})
