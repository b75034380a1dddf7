import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// Narrative tests of what goes on after the first apply: waiting, drift, order, requests, and doing nothing.
let world: World

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  await world.start()
  await world.source()
})
afterAll(() => world.close())
beforeEach(() => {
  world.events.length = 0
})

const dataOf = (object: KubeObject | undefined) => object?.['data'] as Record<string, string> | undefined
const appliedOf = (object: KubeObject | undefined) =>
  (object?.['status'] as { lastAppliedRevision?: string } | undefined)?.lastAppliedRevision
const mapRef = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name })
const deploymentRef = (name: string) => ({ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'apps', name })

function deployment(name: string, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'apps' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      ...spec,
    },
  })
}

/** What the deployment controller would write. */
async function rollOut(name: string, ready = true): Promise<void> {
  const object = await world.client.get(deploymentRef(name))
  const conditions = ready
    ? [
        { type: 'Available', status: 'True' },
        { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
      ]
    : [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'no image' }]
  const counts = ready ? { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 } : {}
  const status = { observedGeneration: object.metadata.generation, conditions, ...counts }
  await world.client.patch(deploymentRef(name), 'merge', { status }, { subresource: 'status' })
}

describe('waiting for health', () => {
  test('Ready comes when the last object is healthy, as soon as the watch shows it', async () => {
    await world.commit({ 'wait/d.yaml': deployment('wait') })
    await world.kustomization('wait', { wait: true, timeout: '30s' })
    const waiting = await world.until(
      'Kustomization',
      'wait',
      object => conditionOf(object, 'Healthy')?.status === 'Unknown',
    )
    expect(conditionOf(waiting, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Progressing' })
    expect(messageOf(waiting, 'Healthy')).toMatch(
      /^Running health checks for revision main@sha1:\w+ with a timeout of 30s$/,
    )
    await world.until('Deployment', 'wait', object => object !== undefined)
    const started = performance.now()
    await rollOut('wait')
    const ready = await world.ready('wait')
    expect(performance.now() - started).toBeLessThan(1000)
    expect(messageOf(ready, 'Healthy')).toMatch(/^Health check passed in /)
  })

  test('an object that has failed for good ends the wait at once, is named, and heals by itself', async () => {
    await world.commit({ 'fail/d.yaml': deployment('fail') })
    await world.kustomization('fail', { wait: true, timeout: '5m' })
    await world.until('Deployment', 'fail', object => object !== undefined)
    await rollOut('fail', false)
    const failed = await world.failed('fail', 'HealthCheckFailed')
    expect(messageOf(failed)).toMatch(
      /failed early due to stalled resources: \[Deployment\/apps\/fail status: 'Failed'/,
    )
    expect(appliedOf(failed)).toBeUndefined()
    await rollOut('fail')
    await world.ready('fail')
  })

  test('time runs out with the culprit named', async () => {
    await world.commit({ 'slow/d.yaml': deployment('slow') })
    await world.kustomization('slow', { wait: true, timeout: '1s' })
    expect(messageOf(await world.failed('slow', 'HealthCheckFailed'))).toMatch(
      /^health check failed after (9\d\dms|1(\.\d+)?s): timeout waiting for: \[Deployment\/apps\/slow status: 'InProgress'/,
    )
  })

  test('healthChecks may name an object of somebody else', async () => {
    await world.commit({ 'checks/a.yaml': configMap('checks-a') })
    await world.kustomization('checks', {
      timeout: '30s',
      healthChecks: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'foreign', namespace: 'apps' }],
    })
    await world.until('Kustomization', 'checks', object => conditionOf(object, 'Healthy')?.status === 'Unknown')
    await world.apply(JSON.parse(configMap('foreign')))
    await world.ready('checks')
  })

  test('health of a custom rule', async () => {
    await world.commit({ 'cel/d.yaml': deployment('cel') })
    await world.kustomization('cel', {
      wait: true,
      timeout: '30s',
      healthCheckExprs: [{ apiVersion: 'apps/v1', kind: 'Deployment', current: 'status.readyReplicas >= 1' }],
    })
    await world.until('Kustomization', 'cel', object => conditionOf(object, 'Healthy')?.status === 'Unknown')
    await rollOut('cel')
    await world.ready('cel')
  })

  test('a new revision ends the wait for an old one', async () => {
    await world.commit({ 'newer/d.yaml': deployment('newer') })
    await world.kustomization('newer', { wait: true, timeout: '5m' })
    await world.until('Kustomization', 'newer', object => conditionOf(object, 'Healthy')?.status === 'Unknown')
    const commit = await world.commit({ 'newer/d.yaml': configMap('newer') })
    await world.ready('newer', commit)
    expect(world.events.map(({ reason }) => reason)).toContain('HealthCheckCanceled')
    expect(await world.find('Deployment', 'newer')).toBeUndefined()
  })

  test('a commit that does not concern it does not end a wait, nor give it more time', async () => {
    await world.commit({ 'patient/d.yaml': deployment('patient') })
    await world.kustomization('patient', { wait: true, timeout: '2s' })
    await world.until('Kustomization', 'patient', object => conditionOf(object, 'Healthy')?.status === 'Unknown')
    const started = performance.now()
    let over = false
    const commits = (async () => {
      for (let i = 0; !over; i++) await world.commit({ 'elsewhere.txt': String(i) })
    })()
    const failed = await world.failed('patient', 'HealthCheckFailed').finally(() => {
      over = true
    })
    expect(performance.now() - started).toBeLessThan(3500)
    expect(messageOf(failed)).toContain('timeout waiting for')
    await commits
    const told = world.events.filter(({ about }) => about.name === 'patient').map(({ reason }) => reason)
    expect(told).not.toContain('HealthCheckCanceled')
  })

  test('thirty waits hold up nobody', async () => {
    const names = Array.from({ length: 30 }, (_, at) => `stuck-${at}`)
    await world.commit(Object.fromEntries(names.map(name => [`${name}/d.yaml`, deployment(name)])))
    for (const name of names) await world.kustomization(name, { wait: true, timeout: '5m' })
    for (const name of names) {
      await world.until('Kustomization', name, object => conditionOf(object, 'Healthy')?.status === 'Unknown')
    }
    await world.commit({ 'free/a.yaml': configMap('free') })
    await world.kustomization('free')
    const started = performance.now()
    await world.ready('free')
    expect(performance.now() - started).toBeLessThan(3000)
    for (const name of names) await world.kustomization(name, { suspend: true })
  })
})

describe('order', () => {
  test('a chain goes through one commit in order, by edges', async () => {
    const files = ['c1', 'c2', 'c3'].map(name => [`${name}/a.yaml`, configMap(name)])
    await world.commit(Object.fromEntries(files))
    await world.kustomization('c3', { dependsOn: [{ name: 'c2' }] })
    await world.kustomization('c2', { dependsOn: [{ name: 'c1' }] })
    const waiting = await world.failed('c3', 'DependencyNotReady')
    expect(messageOf(waiting)).toBe(`dependency 'apps/c2' is not ready`)
    const started = performance.now()
    await world.kustomization('c1')
    await world.ready('c3')
    expect(performance.now() - started).toBeLessThan(2000)
    const again = await world.commit({
      'c1/a.yaml': configMap('c1', { a: '2' }),
      'c3/a.yaml': configMap('c3', { a: '2' }),
    })
    await world.ready('c3', again)
    const applied = world.events
      .filter(({ reason }) => reason === 'ReconciliationSucceeded')
      .map(({ about }) => about.name)
    expect(applied.lastIndexOf('c1')).toBeLessThan(applied.lastIndexOf('c2'))
    expect(applied.lastIndexOf('c2')).toBeLessThan(applied.lastIndexOf('c3'))
  })

  test('a cycle is named with its chain, and ends when it is cut', async () => {
    await world.commit({ 'ring1/a.yaml': configMap('ring1'), 'ring2/a.yaml': configMap('ring2') })
    await world.kustomization('ring1', { dependsOn: [{ name: 'ring2' }] })
    await world.kustomization('ring2', { dependsOn: [{ name: 'ring1' }] })
    const object = await world.failed('ring2', 'DependencyNotReady')
    expect(messageOf(object)).toContain('dependency cycle: apps/ring2 -> apps/ring1 -> apps/ring2')
    await world.kustomization('ring1', { dependsOn: [] })
    await Promise.all([world.ready('ring1'), world.ready('ring2')])
  })
})

describe('drift', () => {
  test('what somebody changes by hand is reverted within a second, additions of kubectl too', async () => {
    await world.commit({ 'drift/a.yaml': configMap('drift', { a: '1' }) })
    await world.kustomization('drift')
    await world.ready('drift')
    const started = performance.now()
    await world.client.patch(mapRef('drift'), 'merge', { data: { a: '2', b: '3' } }, { fieldManager: 'kubectl-edit' })
    await world.until('ConfigMap', 'drift', object => JSON.stringify(dataOf(object)) === '{"a":"1"}', { ms: 1500 })
    expect(performance.now() - started).toBeLessThan(1000)
    await world.client.delete(mapRef('drift'))
    await world.until('ConfigMap', 'drift', object => dataOf(object)?.['a'] === '1', { ms: 1500 })
    expect(world.events.filter(({ reason }) => reason === 'DriftCorrected')).toHaveLength(2)
  })

  test('fields of other managers stay, and cost one look', async () => {
    await world.commit({ 'hpa/d.yaml': deployment('hpa') })
    await world.kustomization('hpa')
    await world.ready('hpa')
    const calls = await world.callsOf(() =>
      world.client.patch(deploymentRef('hpa'), 'merge', { spec: { replicas: 5 } }, { fieldManager: 'hpa-controller' }),
    )
    expect((await world.find('Deployment', 'hpa'))?.['spec']).toMatchObject({ replicas: 5 })
    expect(calls.filter(({ what }) => what.includes('/hpa'))).toEqual([{ verb: 'apply', what: 'Deployment/hpa' }])
  })

  test('a change of status alone is no drift', async () => {
    await world.commit({ 'still/d.yaml': deployment('still') })
    await world.kustomization('still')
    await world.ready('still')
    const calls = await world.callsOf(() => rollOut('still'))
    expect(calls.filter(({ what }) => what.includes('/still'))).toEqual([])
  })

  test('annotations on an object in the cluster keep it as it is', async () => {
    await world.commit({ 'keep/a.yaml': configMap('keep', { a: '1' }) })
    await world.kustomization('keep')
    await world.ready('keep')
    const off = { 'kustomize.toolkit.fluxcd.io/reconcile': 'Disabled' }
    await world.client.patch(mapRef('keep'), 'merge', { metadata: { annotations: off }, data: { a: 'mine' } })
    await world.quiet()
    await world.ready('keep', await world.commit({ 'keep/a.yaml': configMap('keep', { a: '2' }) }))
    expect(dataOf(await world.find('ConfigMap', 'keep'))).toEqual({ a: 'mine' })
    await world.client.patch(mapRef('keep'), 'merge', { metadata: { annotations: { [Object.keys(off)[0]!]: null } } })
    await world.until('ConfigMap', 'keep', object => dataOf(object)?.['a'] === '2', { ms: 2000 })
  })

  test('IfNotPresent only creates', async () => {
    const text = JSON.parse(configMap('once', { a: '1' })) as KubeObject
    text.metadata.annotations = { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' }
    await world.apply({ ...text, metadata: { ...text.metadata, annotations: {} }, data: { a: 'there' } })
    await world.commit({ 'once/a.yaml': JSON.stringify(text) })
    await world.kustomization('once')
    await world.ready('once')
    expect(dataOf(await world.find('ConfigMap', 'once'))).toEqual({ a: 'there' })
  })

  test('an immutable field fails, and is replaced by a new object when forced', async () => {
    const locked = (value: string) =>
      JSON.stringify({ ...JSON.parse(configMap('locked', { a: value })), immutable: true })
    await world.commit({ 'locked/a.yaml': locked('1') })
    await world.kustomization('locked')
    await world.ready('locked')
    const uid = (await world.find('ConfigMap', 'locked'))?.metadata.uid
    await world.commit({ 'locked/a.yaml': locked('2') })
    expect(messageOf(await world.failed('locked', 'ReconciliationFailed'))).toContain('ConfigMap/apps/locked')
    await world.kustomization('locked', { force: true })
    await world.ready('locked')
    const found = await world.find('ConfigMap', 'locked')
    expect(dataOf(found)).toEqual({ a: '2' })
    expect(found?.metadata.uid).not.toBe(uid)
  })
})

describe('doing nothing', () => {
  test('a commit that touches one path costs its Kustomization one reconcile, the others one status write', async () => {
    await world.commit({ 'n1/a.yaml': configMap('n1'), 'n2/a.yaml': configMap('n2') })
    await world.kustomization('n1')
    await world.kustomization('n2')
    await Promise.all([world.ready('n1'), world.ready('n2')])
    let commit = ''
    const calls = await world.callsOf(async () => {
      commit = await world.commit({ 'n1/a.yaml': configMap('n1', { a: '2' }) })
      await Promise.all([world.ready('n1', commit), world.ready('n2', commit)])
    })
    const of = (name: string) =>
      calls.filter(({ what }) => what.includes(`/${name}`)).map(({ verb, what }) => `${verb} ${what}`)
    // What is done within a second is said by its result alone.
    expect(of('n1')).toEqual(['apply ConfigMap/n1', 'patch Kustomization/n1/status'])
    expect(of('n2')).toEqual(['patch Kustomization/n2/status'])
  })

  test('a request is answered, with every object looked at', async () => {
    await world.commit({ 'ask/a.yaml': configMap('ask') })
    await world.kustomization('ask')
    await world.ready('ask')
    const calls = await world.callsOf(() =>
      world.kustomization('ask', {}, { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now-1' } }),
    )
    const object = await world.find('Kustomization', 'ask')
    expect(object?.['status']).toMatchObject({ lastHandledReconcileAt: 'now-1' })
    const own = calls.map(({ what }) => what).filter(what => what.includes('/ask'))
    expect(own).toEqual(['ConfigMap/ask', 'Kustomization/ask/status'])
  })

  test('a suspended Kustomization is left alone, and goes on where Git is then', async () => {
    await world.commit({ 'pause/a.yaml': configMap('pause', { a: '1' }) })
    await world.kustomization('pause')
    await world.ready('pause')
    await world.kustomization('pause', { suspend: true })
    const commit = await world.commit({ 'pause/a.yaml': configMap('pause', { a: '2' }) })
    await world.quiet()
    expect(dataOf(await world.find('ConfigMap', 'pause'))).toEqual({ a: '1' })
    await world.kustomization('pause', { suspend: false })
    await world.ready('pause', commit)
    expect(dataOf(await world.find('ConfigMap', 'pause'))).toEqual({ a: '2' })
  })
})
