import { describe, expect, it } from 'vitest'
import { fluxKinds } from '../../fleet/flux-kinds.ts'
import type { KubeObject } from '../../kube/object.ts'
import { buildGraph } from './build.ts'
import { foldGraph } from './fold.ts'
import { slim } from './slim.ts'

const kindOf = (kind: string) => fluxKinds.find(one => one.kind === kind)!
const flux = (kind: string, name: string, more: object = {}): KubeObject => {
  const { group, version } = kindOf(kind)
  const ready = { type: 'Ready', status: 'True' }
  const base = { apiVersion: `${group}/${version}`, kind, metadata: { name, namespace: 'apps', generation: 1 } }
  const { spec = {}, status = {}, labels } = more as { spec?: object; status?: object; labels?: Record<string, string> }
  return slim({
    ...base,
    metadata: { ...base.metadata, ...(labels ? { labels } : {}) },
    spec,
    status: { observedGeneration: 1, conditions: [ready], ...status },
  })
}
const map = (name: string, labels: Record<string, string> = {}): KubeObject =>
  slim({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'apps', labels }, data: { secret: 'x' } })
const entries = (names: readonly string[]) => ({
  inventory: { entries: names.map(n => ({ id: `apps_${n}__ConfigMap`, v: 'v1' })) },
})
const sourceRef = { kind: 'GitRepository', name: 'fleet' }

describe('the graph', () => {
  const names = Array.from({ length: 5000 }, (_, i) => `m${i}`)
  const objects = new Map(names.slice(1).map(name => [name, map(name, { 'apps.sluice.dev/project': 'stolen' })]))
  const graph = buildGraph(
    [
      flux('GitRepository', 'fleet'),
      flux('Kustomization', 'many', {
        spec: { sourceRef },
        status: entries(names),
        labels: { 'apps.sluice.dev/project': 'shop' },
      }),
    ],
    { find: ref => objects.get(ref.name) },
  )

  it('keeps nothing of what objects hold', () => {
    expect(JSON.stringify(map('m'))).not.toContain('secret')
  })

  it('folds 5000 objects by kind, and shows what is missing alone', () => {
    const { nodes, edges, left } = foldGraph(graph, { open: new Set(), sees: () => true })
    expect(nodes).toHaveLength(4)
    expect(left).toBe(0)
    expect(nodes.find(one => one.kind === 'one' && one.node.word === 'Missing')?.id).toBe('/ConfigMap/apps/m0')
    expect(nodes.find(one => one.kind === 'fold')).toMatchObject({
      of: 'ConfigMap',
      counts: { agreed: 4999, broken: 0 },
    })
    expect(edges).toHaveLength(3)
  })

  it('begins at the source where a fleet applies its own source and Kustomization, as bootstrap makes it', () => {
    const own = [
      'apps_fleet_source.toolkit.fluxcd.io_GitRepository',
      'apps_self_kustomize.toolkit.fluxcd.io_Kustomization',
    ]
    const round = buildGraph(
      [
        flux('GitRepository', 'fleet'),
        flux('Kustomization', 'self', {
          spec: { sourceRef },
          status: { inventory: { entries: own.map(id => ({ id, v: 'v1' })) } },
        }),
      ],
      { find: () => undefined },
    )
    const { nodes, edges } = foldGraph(round, { open: new Set(), sees: () => true })
    expect(nodes.map(one => one.kind === 'one' && one.node.ref.name)).toEqual(['fleet', 'self'])
    // And no line leads back.
    expect(edges.map(edge => edge.kind)).toEqual(['source'])
  })

  it('leads to what another applied out of the same source by that one alone', () => {
    const inner = 'apps_inner_kustomize.toolkit.fluxcd.io_Kustomization'
    const outer = buildGraph(
      [
        flux('GitRepository', 'fleet'),
        flux('Kustomization', 'outer', {
          spec: { sourceRef },
          status: { inventory: { entries: [{ id: inner, v: 'v1' }] } },
        }),
        flux('Kustomization', 'inner', { spec: { sourceRef } }),
      ],
      { find: () => undefined },
    )
    const { edges } = foldGraph(outer, { open: new Set(), sees: () => true })
    expect(edges.map(({ from, to, kind }) => [from.split('/').at(-1), kind, to.split('/').at(-1)])).toEqual([
      ['fleet', 'source', 'outer'],
      ['outer', 'applied', 'inner'],
    ])
    // Who may not see the outer one still sees where the inner one comes from.
    const part = foldGraph(outer, { open: new Set(), sees: node => node.ref.name !== 'outer' })
    expect(part.edges.map(edge => edge.kind)).toEqual(['source'])
  })

  it('calls an object awaited, not missing, while what applies it is at work', () => {
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'Progressing' }]
    const at = buildGraph(
      [flux('Kustomization', 'new', { spec: { sourceRef }, status: { conditions, ...entries(['m0']) } })],
      { find: () => undefined },
    )
    expect(at.nodes.get('/ConfigMap/apps/m0')).toMatchObject({ state: 'moving', word: 'Awaited' })
  })

  it('opens a fold on demand, as far as a picture can hold', () => {
    const fold = foldGraph(graph, { open: new Set(), sees: () => true }).nodes.find(one => one.kind === 'fold')!
    const { nodes } = foldGraph(graph, { open: new Set([fold.id]), sees: () => true })
    expect(nodes.length).toBeGreaterThan(100)
    expect(nodes.length).toBeLessThan(310)
  })

  it('lets what applied an object say where it belongs, not a label on it', () => {
    expect(graph.nodes.get('/ConfigMap/apps/m1')?.place).toEqual({ project: 'shop' })
    expect(graph.nodes.get('source.toolkit.fluxcd.io/GitRepository/apps/fleet')?.place).toEqual({})
  })

  it('shows nothing that one may not see', () => {
    const { nodes, edges } = foldGraph(graph, { open: new Set(), sees: node => node.place.project === 'shop' })
    expect(nodes.some(one => one.kind === 'one' && one.node.ref.kind === 'GitRepository')).toBe(false)
    expect(edges.every(edge => edge.kind === 'applied')).toBe(true)
  })
})
