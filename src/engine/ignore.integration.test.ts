import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { messageOf, World } from './testing/world.ts'

let world: World
const deployment = (name: string, replicas: number, image = 'a:1') =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'apps' },
    spec: {
      replicas,
      selector: { matchLabels: { a: name } },
      template: { metadata: { labels: { a: name } }, spec: { containers: [{ name: 'c', image }] } },
    },
  })
const specOf = (object: KubeObject | undefined) =>
  object?.['spec'] as { replicas: number; template: { spec: { containers: { image: string }[] } } }
const imageOf = (object: KubeObject | undefined) => specOf(object)?.template.spec.containers[0]?.image
const ref = (name: string) => ({ group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'apps', name })
const ignore = (paths: string[], target?: object) => ({ ignore: [{ paths, ...(target ? { target } : {}) }] })

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  await world.start()
  await world.source()
})
afterAll(() => world.close())

describe('spec.ignore', () => {
  test('leaves a field to whoever sets it, and corrects the rest', async () => {
    await world.commit({ 'scaled/d.yaml': deployment('scaled', 2) })
    await world.kustomization('scaled', ignore(['/spec/replicas'], { kind: 'Deployment' }))
    await world.ready('scaled')
    expect(specOf(await world.find('Deployment', 'scaled')).replicas).toBe(2)
    await world.callsOf(() =>
      world.client.patch(ref('scaled'), 'merge', { spec: { replicas: 7 } }, { fieldManager: 'autoscaler' }),
    )
    expect(specOf(await world.find('Deployment', 'scaled')).replicas).toBe(7)
    await world.commit({ 'scaled/d.yaml': deployment('scaled', 2, 'a:2') })
    const now = await world.until('Deployment', 'scaled', object => imageOf(object) === 'a:2')
    expect(specOf(now).replicas).toBe(7)
    await world.client.patch(ref('scaled'), 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'c', image: 'evil' }] } } },
    })
    const back = await world.until('Deployment', 'scaled', object => imageOf(object) === 'a:2')
    expect(specOf(back).replicas).toBe(7)
  })

  test('a field that another program applies stays that program’s', async () => {
    await world.commit({ 'shared/d.yaml': deployment('shared', 2) })
    await world.kustomization('shared', ignore(['/spec/replicas']))
    await world.ready('shared')
    const claim = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'shared', namespace: 'apps' },
      spec: { replicas: 9 },
    }
    await world.client.apply(claim as KubeObject, { fieldManager: 'other', force: true })
    const commit = await world.commit({ 'shared/d.yaml': deployment('shared', 3, 'a:2') })
    await world.ready('shared', commit)
    const object = await world.find('Deployment', 'shared')
    expect(specOf(object).replicas).toBe(9)
    const owners = (object?.metadata.managedFields ?? []).filter(
      ({ fieldsV1, operation }) => operation === 'Apply' && JSON.stringify(fieldsV1).includes('f:replicas'),
    )
    expect(owners.map(({ manager }) => manager)).toEqual(['other'])
  })

  test.each([
    ['spec/replicas', 'a JSON pointer'],
    ['', 'a JSON pointer'],
    ['/metadata/name', 'a field that may differ'],
    ['/metadata/labels', 'a field that may differ'],
  ])('%j is refused', async (path, words) => {
    const name = `odd-${path.replace(/\W/g, '') || 'empty'}`
    await world.kustomization(name, { path: './scaled', ...ignore([path]) })
    expect(messageOf(await world.failed(name, 'BuildFailed'))).toContain(words)
  })
})
