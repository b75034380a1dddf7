import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { conditionOf } from '../../kube/condition.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { packChart } from './testing/chart-shelf.ts'
import { helmForTests } from './testing/helm-path.ts'
import { dataOf, historyOf, ReleaseWorld } from './testing/release-world.ts'

const helm = await helmForTests()
const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  value: {{ .Values.value | quote }}
  nested: {{ .Values.a.b | quote }}
`
const plain = { 'templates/cm.yaml': configMap, 'values.yaml': 'value: one\na: {b: deep}\n' }
const chart = (name: string, version = '0.1.0', files: Record<string, string> = {}) =>
  packChart(name, version, { ...plain, ...files })

describe.skipIf(helm === undefined)('a HelmRelease', { timeout: 90_000 }, () => {
  let world: ReleaseWorld
  const put = (name: string, version = '0.1.0', files: Record<string, string> = {}) =>
    world.shelf.put('HelmChart', name, version, chart(name, version, files))
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster }, helm!)
    await world.start()
  }, 60_000)
  afterAll(() => world?.close())
  beforeEach(() => {
    world.events.length = 0
    world.runs.length = 0
  })

  test('is installed, told as Flux tells it, and seen by helm itself', async () => {
    put('basic')
    await world.release('basic', { values: { value: 'two' } })
    const object = await world.ready('basic')
    const message = 'Helm install succeeded for release apps/basic.v1 with chart basic@0.1.0'
    expect(conditionOf(object, 'Ready')).toMatchObject({ status: 'True', reason: 'InstallSucceeded', message })
    expect(conditionOf(object, 'Released')).toMatchObject({ status: 'True', reason: 'InstallSucceeded', message })
    expect(object['status']).toMatchObject({
      observedGeneration: 1,
      lastAttemptedGeneration: 1,
      lastAttemptedReleaseAction: 'install',
      lastAttemptedRevision: '0.1.0',
      storageNamespace: 'apps',
      history: [
        { apiVersion: 'v2', name: 'basic', namespace: 'apps', version: 1, status: 'deployed', chartName: 'basic' },
      ],
      inventory: { entries: [{ id: 'apps_basic__ConfigMap', v: 'v1' }] },
    })
    const live = await world.find('ConfigMap', 'basic')
    expect(dataOf(live)).toEqual({ value: 'two', nested: 'deep' })
    expect(live?.metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'Helm',
      'helm.toolkit.fluxcd.io/name': 'basic',
      'helm.toolkit.fluxcd.io/namespace': 'apps',
    })
    expect(live?.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'helm-controller Apply',
    ])
    expect(JSON.parse(await world.helm('list', '-n', 'apps', '-o', 'json'))).toMatchObject([
      { name: 'basic', revision: '1', status: 'deployed', chart: 'basic-0.1.0' },
    ])
    expect(world.events.map(({ reason }) => reason)).toEqual(['InstallSucceeded'])
  })

  test('is upgraded for another chart or other values, and an unchanged one runs nothing and writes nothing', async () => {
    put('grow')
    await world.release('grow')
    await world.ready('grow')
    await world.release('grow', { values: { value: 'three' } })
    await world.until('grow', object => historyOf(object)[0]?.version === 2)
    await world.ready('grow')
    put('grow', '0.2.0')
    await world.until('grow', object => historyOf(object)[0]?.chartVersion === '0.2.0')
    const object = await world.ready('grow')
    expect(historyOf(object).map(({ version, status }) => `${version} ${status}`)).toEqual([
      '3 deployed',
      '2 superseded',
    ])
    expect(world.runs).toEqual(['install', 'upgrade', 'upgrade'])
    world.runs.length = 0
    world.calls.length = 0
    await world.reconcile('grow')
    await world.reconcile('grow')
    expect(world.runs).toEqual([])
    expect(world.calls.filter(({ verb }) => verb !== 'patch')).toEqual([])
    expect(JSON.parse(await world.helm('history', 'grow', '-n', 'apps', '-o', 'json'))).toHaveLength(3)
  })
})
