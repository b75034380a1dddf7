import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { startForge } from '../../sandbox/forge/index.ts'
import { World } from '../testing/world.ts'
import { helmForTests } from './testing/helm-path.ts'
import { dataOf, historyOf } from './testing/release-world.ts'

const helm = await helmForTests()
const chart = (version: string, value: string) => ({
  'charts/web/Chart.yaml': `apiVersion: v2\nname: web\nversion: ${version}\n`,
  'charts/web/values.yaml': `value: ${value}\n`,
  'charts/web/values-prod.yaml': 'prod: "yes"\n',
  'charts/web/templates/cm.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {value: "{{ .Values.value }}", prod: "{{ .Values.prod }}"}\n',
})

// From a commit to a release: the whole engine, with real parts on every side.
describe.skipIf(helm === undefined)('the engine', { timeout: 60_000 }, () => {
  let world: World
  const before = process.env['SLUICE_HELM']
  beforeAll(async () => {
    process.env['SLUICE_HELM'] = helm
    world = await World.open({ startCluster, startForge }, chart('0.1.0', 'one'))
    await world.start()
    await world.source()
  }, 60_000)
  afterAll(async () => {
    await world?.close()
    if (before === undefined) delete process.env['SLUICE_HELM']
    else process.env['SLUICE_HELM'] = before
  })
  const helmRelease = (spec: object) =>
    world.apply({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'web', namespace: 'apps' },
      spec: { interval: '10m', ...spec },
    })
  const find = () =>
    world.client.find({
      group: 'helm.toolkit.fluxcd.io',
      version: 'v2',
      kind: 'HelmRelease',
      namespace: 'apps',
      name: 'web',
    })
  const until = async (predicate: (object: KubeObject) => boolean): Promise<KubeObject> => {
    const deadline = performance.now() + 40_000
    for (;;) {
      const object = await find()
      if (object !== undefined && predicate(object)) return object
      if (performance.now() > deadline) throw new Error(JSON.stringify(object?.['status'], null, 1))
      await new Promise(resolve => setTimeout(resolve, 25))
    }
  }
  const isReady = (object: KubeObject) =>
    conditionOf(object, 'Ready')?.status === 'True' &&
    (object['status'] as { observedGeneration?: number }).observedGeneration === object.metadata.generation

  test('releases a chart out of Git, makes its HelmChart, and follows each commit', async () => {
    const template = {
      chart: './charts/web',
      sourceRef: { kind: 'GitRepository', name: 'fleet' },
      valuesFiles: ['./charts/web/values.yaml', './charts/web/values-prod.yaml'],
    }
    await helmRelease({ chart: { spec: template } })
    const object = await until(isReady)
    expect(object['status']).toMatchObject({ helmChart: 'apps/apps-web' })
    expect(dataOf(await world.find('ConfigMap', 'web'))).toEqual({ value: 'one', prod: 'yes' })
    const ref = {
      group: 'source.toolkit.fluxcd.io',
      version: 'v1',
      kind: 'HelmChart',
      namespace: 'apps',
      name: 'apps-web',
    }
    expect((await world.client.get(ref)).metadata.labels).toEqual({
      'helm.toolkit.fluxcd.io/name': 'web',
      'helm.toolkit.fluxcd.io/namespace': 'apps',
    })
    await world.commit(chart('0.2.0', 'two'))
    await until(one => historyOf(one)[0]?.version === 2 && isReady(one))
    expect(dataOf(await world.find('ConfigMap', 'web'))?.['value']).toBe('two')
    expect(world.events.filter(({ about }) => about.kind === 'HelmRelease').map(({ reason }) => reason)).toContain(
      'UpgradeSucceeded',
    )
    // Another engine finds all as it is, and says nothing.
    await world.stop()
    const before = await find()
    world.events.length = 0
    await world.start()
    await new Promise(resolve => setTimeout(resolve, 500))
    await world.quiet(300)
    expect(world.events.filter(({ about }) => about.kind === 'HelmRelease')).toEqual([])
    expect(await find()).toEqual(before)
    await world.client.delete({
      group: 'helm.toolkit.fluxcd.io',
      version: 'v2',
      kind: 'HelmRelease',
      namespace: 'apps',
      name: 'web',
    })
    while ((await find()) !== undefined) await new Promise(resolve => setTimeout(resolve, 50))
    expect(await world.find('ConfigMap', 'web')).toBeUndefined()
    // The chart goes when its own finalizer is done with it.
    await expect.poll(() => world.client.find(ref), { timeout: 10_000 }).toBeUndefined()
  })
})
