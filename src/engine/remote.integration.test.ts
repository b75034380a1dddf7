import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKubeClient, loadKubeConfig } from '../kube/client/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { configMap, messageOf, World } from './testing/world.ts'

let world: World
let far: { client: KubeClient; kubeconfig: string; close(): Promise<void> }

const ref = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'apps', name })
const kubeconfigSecret = (name: string, text: string, key = 'value') =>
  world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'apps' }, stringData: { [key]: text } })
const until = async (holds: () => Promise<boolean>) => {
  for (const deadline = performance.now() + 10_000; !(await holds()); ) {
    if (performance.now() > deadline) throw new Error('did not get there')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  const path = join(world.dir, 'far.kubeconfig')
  const cluster = await startCluster({ kubeconfigPath: path })
  const client = createKubeClient(await loadKubeConfig({ path, env: {} }), { userAgent: 'test' })
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } }, { fieldManager: 'test' })
  far = {
    client,
    kubeconfig: readFileSync(path, 'utf8'),
    close: async () => {
      await client.close()
      await cluster.close()
    },
  }
  await world.start()
  await world.source()
})
afterAll(async () => {
  await world.close()
  await far.close()
})

describe('spec.kubeConfig', () => {
  test('applies, corrects drift, waits for health and prunes in the remote cluster, and touches nothing here', async () => {
    await kubeconfigSecret('far', far.kubeconfig)
    await world.commit({ 'far/a.yaml': configMap('far-a'), 'far/b.yaml': configMap('far-b') })
    await world.kustomization('far', { kubeConfig: { secretRef: { name: 'far' } }, wait: true })
    await world.ready('far')
    expect(await far.client.find(ref('far-a'))).toBeDefined()
    expect(await world.find('ConfigMap', 'far-a')).toBeUndefined()
    await far.client.patch(ref('far-a'), 'merge', { data: { a: 'drift' } })
    await until(async () => ((await far.client.find(ref('far-a')))?.['data'] as { a?: string } | undefined)?.a === '1')
    await world.commit({ 'far/b.yaml': undefined })
    await until(async () => (await far.client.find(ref('far-b'))) === undefined)
    const object = await world.ready('far')
    await world.client.delete({
      group: 'kustomize.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'Kustomization',
      namespace: 'apps',
      name: 'far',
    })
    await until(async () => (await far.client.find(ref('far-a'))) === undefined)
    expect(conditionOf(object, 'Healthy')?.status).toBe('True')
  })

  test('the same files here and there are two sets of objects: neither prunes nor claims the other’s', async () => {
    await kubeconfigSecret('twin', far.kubeconfig, 'value.yaml')
    await world.commit({ 'twin/a.yaml': configMap('twin-a'), 'twin/b.yaml': configMap('twin-b') })
    await world.kustomization('twin-here', { path: './twin' })
    await world.kustomization('twin-there', { path: './twin', kubeConfig: { secretRef: { name: 'twin' } } })
    await Promise.all([world.ready('twin-here'), world.ready('twin-there')])
    const commit = await world.commit({ 'twin/b.yaml': undefined })
    await Promise.all([world.ready('twin-here', commit), world.ready('twin-there', commit)])
    expect(await world.find('ConfigMap', 'twin-b')).toBeUndefined()
    expect(await far.client.find(ref('twin-b'))).toBeUndefined()
    expect(await world.find('ConfigMap', 'twin-a')).toBeDefined()
    expect(await far.client.find(ref('twin-a'))).toBeDefined()
  })

  test('an account that is named is acted as over there', async () => {
    await world.commit({ 'far-sa/a.yaml': configMap('far-sa-a') })
    await kubeconfigSecret('far-sa', far.kubeconfig)
    await world.kustomization('far-sa', { kubeConfig: { secretRef: { name: 'far-sa' } }, serviceAccountName: 'team' })
    expect(messageOf(await world.failed('far-sa', 'ReconciliationFailed'))).toContain('system:serviceaccount:apps:team')
  })

  test('a rotated kubeconfig is used at once', async () => {
    await kubeconfigSecret('late', far.kubeconfig.replace(/server: .*/, 'server: https://127.0.0.1:1'))
    await world.commit({ 'late/a.yaml': configMap('late-a') })
    await world.kustomization('late', { kubeConfig: { secretRef: { name: 'late' } }, retryInterval: '1h' })
    await world.failed('late', 'ReconciliationFailed')
    await kubeconfigSecret('late', far.kubeconfig)
    await world.ready('late')
    expect(await far.client.find(ref('late-a'))).toBeDefined()
  })

  const marker = () => join(world.dir, 'spawned')
  test.each([
    [
      'user.exec',
      (text: string) =>
        text.replace(
          /user:\n/g,
          `user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: touch, args: ["${marker()}"]}\n`,
        ),
    ],
    [
      'user.auth-provider',
      (text: string) => text.replace(/user:\n/g, 'user:\n    auth-provider: {name: gcp, config: {cmd-path: touch}}\n'),
    ],
    ['user.tokenFile', (text: string) => text.replace(/user:\n/g, 'user:\n    tokenFile: /etc/passwd\n')],
    ['user.client-key', (text: string) => text.replace(/user:\n/g, 'user:\n    client-key: /etc/passwd\n')],
    ['user.as', (text: string) => text.replace(/user:\n/g, 'user:\n    as: system:admin\n')],
    [
      'cluster.certificate-authority',
      (text: string) => text.replace(/cluster:\n/, 'cluster:\n    certificate-authority: /etc/passwd\n'),
    ],
    [
      'cluster.insecure-skip-tls-verify',
      (text: string) => text.replace(/cluster:\n/, 'cluster:\n    insecure-skip-tls-verify: true\n'),
    ],
  ])('%s is refused by its name, and nothing is run or read', async (field, change) => {
    const name = `bad-${field.replace(/\W/g, '-').toLowerCase()}`
    const text = change(far.kubeconfig)
    expect(text).not.toBe(far.kubeconfig)
    await kubeconfigSecret(name, text)
    await world.kustomization(name, { path: './far-sa', kubeConfig: { secretRef: { name } } })
    const object = await world.failed(name, 'ReconciliationFailed')
    expect(messageOf(object)).toContain(
      `failed to build kube client: kubeconfig secret 'apps/${name}' key 'value': ${field}: not allowed`,
    )
    expect(existsSync(marker())).toBe(false)
  })

  test('a missing Secret, a missing key and text that is none are told, without the text', async () => {
    const cases: [string, object, RegExp][] = [
      ['none', { name: 'not-there' }, /secrets "not-there" not found/],
      ['nokey', { name: 'far', key: 'other' }, /does not contain a 'other' key/],
      ['junk', { name: 'junk' }, /expected/],
    ]
    await kubeconfigSecret('junk', 'canary-77aa: [unclosed')
    for (const [name, secretRef, words] of cases) {
      await world.kustomization(name, { path: './far-sa', kubeConfig: { secretRef } })
      const message = messageOf(await world.failed(name, 'ReconciliationFailed'))
      expect(message).toMatch(words)
      expect(message).not.toContain('canary-77aa')
    }
  })

  test('no program is left over', () => {
    const children = spawnSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)]).stdout?.toString() ?? ''
    expect(children).not.toContain('touch')
  })
})
