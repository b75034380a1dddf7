import { valueAt } from '../../base/json.ts'
import { type InventoryEntry, parseInventoryEntry } from '../../engine/index.ts'
import { fluxKindOf } from '../../fleet/flux-kinds.ts'
import { sourceRefOf } from '../../fleet/source-ref.ts'
import { type ObjectRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { dependenciesOf, textAt } from '../flux-objects.ts'
import { appliedStand, fluxStand } from './state.ts'
import type { GraphNode, GraphSnapshot, Place } from './types.ts'

/** Where the graph finds what something applied. */
export interface AppliedObjects {
  /** The object; undefined when it is not there, `unread` while nobody knows. */
  find(ref: ObjectRef): KubeObject | 'unread' | undefined
}

/** Objects beyond this are not taken in: the snapshot says so. */
export const mostObjects = 20_000

const projectLabel = 'apps.sluice.dev/project'
const environmentLabel = 'apps.sluice.dev/environment'

type Draft = { -readonly [K in keyof GraphNode]: GraphNode[K] }

/** The graph of Flux objects and what they applied. */
export function buildGraph(flux: readonly KubeObject[], applied: AppliedObjects): GraphSnapshot {
  const nodes = new Map<string, Draft>()
  const objects = new Map<string, KubeObject>()
  let complete = true
  for (const object of flux) {
    const ref = refOf(object)
    const kind = fluxKindOf(ref)
    if (kind === undefined) continue
    const key = refKey(ref)
    objects.set(key, object)
    const source = sourceRefOf(object)
    nodes.set(key, {
      key,
      ref,
      role: kind.role,
      ...fluxStand(object, kind),
      place: {},
      ...optional('revision', revisionOf(object)),
      ...optional('source', chartKey(object) ?? (source && refKey(source))),
      ...optional('from', fromOf(object)),
      dependsOn: dependenciesOf(object).map(refKey),
      children: [],
    })
  }
  for (const [key, object] of objects) {
    const node = nodes.get(key)!
    const children: string[] = []
    for (const entry of inventory(object)) {
      const ref = parseInventoryEntry(entry)
      if (ref === undefined) continue
      const child = refKey(ref)
      if (child === key) continue
      const known = nodes.get(child)
      if (known === undefined) {
        if (nodes.size >= mostObjects) {
          complete = false
          break
        }
        const found = object['elsewhere'] === true ? 'elsewhere' : applied.find(ref)
        if (found === 'unread') complete = false
        if (typeof found === 'object') objects.set(child, found)
        nodes.set(child, {
          key: child,
          ref,
          role: 'object',
          ...standOf(found),
          place: {},
          dependsOn: [],
          children: [],
          owner: key,
        })
      } else if (known.owner === undefined) known.owner = key
      children.push(child)
    }
    node.children = children
  }
  adoptCharts(nodes, objects)
  for (const node of nodes.values()) node.place = placeOf(node, nodes, objects)
  return { nodes, complete }
}

function standOf(found: KubeObject | 'unread' | 'elsewhere' | undefined) {
  if (found === 'elsewhere') return { state: 'agreed', word: 'On another cluster', suspended: false } as const
  if (found === 'unread') return { state: 'moving', word: 'Being read', suspended: false } as const
  if (found !== undefined) return appliedStand(found)
  const message = 'it is in the inventory, but not in the cluster'
  return { state: 'broken', word: 'Missing', suspended: false, message } as const
}

function inventory(object: KubeObject): InventoryEntry[] {
  const entries = valueAt(object, ['status', 'inventory', 'entries'])
  return Array.isArray(entries) ? (entries as InventoryEntry[]).filter(one => typeof one?.id === 'string') : []
}

/** The HelmChart that a release made of its `spec.chart`; it stands between the release and its source. */
function chartKey(object: KubeObject): string | undefined {
  const [namespace, name] = textAt(object, 'status', 'helmChart')?.split('/') ?? []
  if (object.kind !== 'HelmRelease' || namespace === undefined || name === undefined) return undefined
  return refKey({ group: 'source.toolkit.fluxcd.io', kind: 'HelmChart', namespace, name })
}

/** A chart that was made by a release belongs where the release does; a source that is named and not there is shown so. */
function adoptCharts(nodes: Map<string, Draft>, objects: ReadonlyMap<string, KubeObject>): void {
  for (const node of [...nodes.values()]) {
    if (node.source === undefined) continue
    const source = nodes.get(node.source)
    if (source === undefined) {
      const ref = sourceRefOf(objects.get(node.key)!)
      if (ref !== undefined && nodes.has(refKey(ref))) node.source = refKey(ref)
      continue
    }
    if (source.ref.kind === 'HelmChart' && source.owner === undefined) source.owner = node.key
  }
}

/**
 * Where an object belongs: what applied it decides, and its own labels say the rest. So nobody moves an object of an
 * application into another project by a label on it.
 */
function placeOf(node: Draft, nodes: ReadonlyMap<string, Draft>, objects: ReadonlyMap<string, KubeObject>): Place {
  const chain: Draft[] = []
  const seen = new Set<string>()
  for (let at: Draft | undefined = node; at !== undefined && !seen.has(at.key) && chain.length < 20; ) {
    seen.add(at.key)
    chain.unshift(at)
    at = at.owner === undefined ? undefined : nodes.get(at.owner)
  }
  let project: string | undefined
  let environment: string | undefined
  for (const one of chain) {
    const labels = objects.get(one.key)?.metadata.labels
    project ??= labels?.[projectLabel]
    environment ??= labels?.[environmentLabel]
  }
  return { ...optional('project', project), ...optional('environment', environment) }
}

/** What a source holds, or what was applied. */
export function revisionOf(object: KubeObject): string | undefined {
  const revision =
    textAt(object, 'status', 'lastAppliedRevision') ??
    textAt(object, 'status', 'artifact', 'revision') ??
    textAt(object, 'status', 'lastAttemptedRevision')
  return revision?.slice(0, 300)
}

function fromOf(object: KubeObject): string | undefined {
  const text =
    textAt(object, 'spec', 'url') ??
    textAt(object, 'spec', 'path') ??
    textAt(object, 'spec', 'chart', 'spec', 'chart') ??
    textAt(object, 'spec', 'chart')
  // A password in an address is against Flux's rules, and still must not be shown.
  return text?.replace(/\/\/[^/@]*@/, '//').slice(0, 500)
}

function optional<K extends string, V>(key: K, value: V | undefined): { [k in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [k in K]?: V }
}
