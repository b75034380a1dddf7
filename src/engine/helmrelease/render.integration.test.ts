import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCluster } from '../../sandbox/cluster/start.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { openChart } from './chart/chart.ts'
import { Gateway } from './gateway/gateway.ts'
import { Helm } from './helm/helm.ts'
import { Renderer } from './render.ts'
import { packChart } from './testing/chart-shelf.ts'
import { helmForTests } from './testing/helm-path.ts'
import { ReleaseWorld } from './testing/release-world.ts'

const helm = await helmForTests()
const template = `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data: {value: "{{ .Values.value }}", widgets: "{{ .Capabilities.APIVersions.Has "a.example.com/v1" }}"}
`

describe.skipIf(helm === undefined)('a rendering', { timeout: 60_000 }, () => {
  const gateway = new Gateway()
  let world: ReleaseWorld
  beforeAll(async () => {
    world = await ReleaseWorld.open({ startCluster }, helm!)
  }, 60_000)
  afterAll(async () => {
    await gateway.close()
    await world?.close()
  })

  test('is made once for the same chart, values and capabilities, and again when one of them changes', async () => {
    const runs: string[] = []
    const renderer = new Renderer(
      new Helm(gateway, join(world.dir, 'render'), { SLUICE_HELM: helm! }, action => runs.push(action)),
    )
    const object = { metadata: { name: 'web', namespace: 'apps' }, spec: { interval: '1m' } } as unknown as HelmRelease
    const chart = openChart(packChart('web', '1.0.0', { 'templates/cm.yaml': template }))
    const signal = new AbortController().signal
    const render = (values: Record<string, unknown>, spec: object = {}) =>
      renderer.render({
        object: { ...object, spec: { ...object.spec, ...spec } },
        chart,
        values,
        client: world.client,
        signal,
      })
    const first = await render({ value: 'one' })
    expect(first).toContain('value: one')
    expect(first).toContain('widgets: "false"')
    expect(first).toContain('helm.toolkit.fluxcd.io/name: web')
    expect(await render({ value: 'one' })).toBe(first)
    expect(runs).toHaveLength(1)
    await render({ value: 'two' })
    await render({ value: 'one' }, { commonMetadata: { labels: { a: 'b' } } })
    expect(runs).toHaveLength(3)
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    await world.apply({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.a.example.com' },
      spec: {
        group: 'a.example.com',
        scope: 'Namespaced',
        names: { kind: 'Widget', plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: open } }],
      },
    })
    const served = async () => {
      world.client.invalidateDiscovery()
      return world.client.resourceFor({ apiVersion: 'a.example.com/v1', kind: 'Widget' })
    }
    while ((await served()) === undefined) await new Promise(resolve => setTimeout(resolve, 50))
    expect(await render({ value: 'one' })).toContain('widgets: "true"')
    expect(runs).toHaveLength(4)
    expect((await world.client.list({ apiVersion: 'v1', kind: 'Secret' }, { namespace: 'apps' })).items).toEqual([])
  })
})
