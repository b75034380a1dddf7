import { afterEach, beforeEach, expect, test } from 'vitest'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// Applications made from one template: what the API server has just accepted is not asked about again.
const template = (name: string, port = 80) =>
  [
    configMap(`\${app}`, { mode: 'a' }),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `\${app}`, namespace: 'apps' },
      spec: { selector: { app: name }, ports: [{ port }] },
    }),
  ].join('\n---\n')

let world: World
beforeEach(async () => {
  world = await World.open(
    { startCluster, startForge },
    { 'base/all.yaml': template('x'), 'bad/all.yaml': template('x', 99_999_999) },
  )
  await world.start()
  await world.source()
  await app('one-0')
})
afterEach(() => world.close())

async function app(name: string, path = './base'): Promise<void> {
  await world.kustomization(name, { path, postBuild: { substitute: { app: name } } })
  await world.ready(name)
}

test('the second one is written without a dry run', async () => {
  const calls = await world.callsOf(() => app('one-1'))
  expect(calls.filter(({ verb }) => verb === 'dry-run')).toEqual([])
  expect(calls.filter(({ verb }) => verb === 'apply').map(({ what }) => what)).toEqual([
    'ConfigMap/one-1',
    'Service/one-1',
  ])
})

test('an object that is there, and not to be touched, stays as it is', async () => {
  await world.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'one-2',
      namespace: 'apps',
      annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
    },
    data: { mode: 'mine' },
  })
  // What was known before about the names in the namespace is a second old by now.
  await new Promise(resolve => setTimeout(resolve, 1100))
  await app('one-2')
  const found = await world.find('ConfigMap', 'one-2')
  expect(found?.['data']).toEqual({ mode: 'mine' })
  expect(found?.metadata.labels).toBeUndefined()
})

test('one that is refused changes nothing, however many were accepted before', async () => {
  await world.kustomization('one-3', { path: './bad', postBuild: { substitute: { app: 'one-3' } } })
  const failed = await world.failed('one-3', 'ReconciliationFailed')
  expect(messageOf(failed)).toContain('Service/apps/one-3 dry-run failed')
  expect(await world.find('ConfigMap', 'one-3')).toBeUndefined()
})

test("the Deployment controller's own annotations are no drift", async () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'apps' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  }
  await world.commit({ 'web/d.yaml': JSON.stringify(deployment) })
  await world.kustomization('web')
  await world.ready('web')
  const calls = await world.callsOf(() =>
    world.client.patch(
      { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'apps', name: 'web' },
      'merge',
      { metadata: { annotations: { 'deployment.kubernetes.io/revision': '7' } } },
      { fieldManager: 'kube-controller-manager' },
    ),
  )
  expect(calls).toEqual([])
})
