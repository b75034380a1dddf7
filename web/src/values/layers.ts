import { hasAt, isMap, type Path, put, same, type Values, valueAt } from './tree.ts'

/**
 * Values lie in layers: the chart's defaults, the base of the application, the override of an environment. Helm and
 * kustomize put one over the other by the rules of a JSON merge patch: maps merge, lists are replaced whole, null takes
 * away. The server's are in src/apps/values.ts; the console needs them at each key that is pressed.
 */
export function over(below: unknown, layer: unknown): unknown {
  if (!isMap(layer)) return layer
  const out: Record<string, unknown> = {}
  if (isMap(below)) for (const key of Object.keys(below)) put(out, key, below[key])
  for (const key of Object.keys(layer)) {
    const value = layer[key]
    if (value === null) delete out[key]
    else put(out, key, over(Object.hasOwn(out, key) ? out[key] : undefined, value))
  }
  return out
}

/** What the layers come to, the lowest first. */
export const effective = (...layers: readonly Values[]): Values =>
  layers.reduce<unknown>((below, layer) => over(below, layer), {}) as Values

/** How a layer stands to what is below it at one place. */
export type Mark = 'inherited' | 'set' | 'removed' | 'within'

/**
 * `set`: the layer says so itself; `removed`: it takes away what is below; `within`: it says something about a part of it;
 * `inherited`: it says nothing here.
 */
export function markAt(layer: Values, path: Path): Mark {
  const map = mapPath(layer, path)
  const value = valueAt(layer, map)
  if (!hasAt(layer, map)) return 'inherited'
  if (value === null) return 'removed'
  if (isMap(value) && map.length === path.length) return Object.keys(value).length === 0 ? 'inherited' : 'within'
  return 'set'
}

/** The longest beginning of a path that a layer can speak of by itself: lists are one value. */
export function mapPath(values: unknown, path: Path): Path {
  let at = values
  for (const [index, key] of path.entries()) {
    if (typeof key === 'number') return path.slice(0, index)
    if (Array.isArray(at)) return path.slice(0, index)
    at = isMap(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return path
}

/** One line of the comparison of layers. */
export interface LayerRow {
  readonly path: readonly string[]
  readonly below: unknown
  readonly layer: unknown
  readonly result: unknown
  /** The layer says it; `pinned`: and says the same as what is below, which then no longer flows in. */
  readonly mark: 'inherited' | 'set' | 'removed' | 'pinned'
}

/** Every leaf (a list, or an empty map, counts as one) of what is below and of the layer, in their order. */
export function layerRows(below: Values, layer: Values): readonly LayerRow[] {
  const out: LayerRow[] = []
  walk(below, layer, true, [], out)
  return out
}

function walk(below: unknown, layer: unknown, says: boolean, path: readonly string[], out: LayerRow[]): void {
  const merges = says
    ? isMap(layer) && (isMap(below) || (below === undefined && !isEmpty(layer)))
    : isMap(below) && !isEmpty(below)
  if (path.length === 0 || merges) {
    const keys = new Set([below, layer].filter(isMap).flatMap(map => Object.keys(map)))
    // An empty map over an empty map is a place like any other.
    if (keys.size > 0 || path.length === 0) {
      for (const key of keys) {
        const has = isMap(layer) && Object.hasOwn(layer, key)
        walk(child(below, key), has ? child(layer, key) : undefined, has, [...path, key], out)
      }
      return
    }
  }
  const mark = !says ? 'inherited' : layer === null ? 'removed' : same(below, layer) ? 'pinned' : 'set'
  out.push({
    path,
    below,
    layer: says ? layer : undefined,
    result: !says ? below : layer === null ? undefined : over(below, layer),
    mark,
  })
}

const isEmpty = (map: unknown): boolean => isMap(map) && Object.keys(map).length === 0
const child = (value: unknown, key: string): unknown =>
  isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined

/** How many values a layer says: the count that stands at its name. */
export function said(layer: Values): number {
  let count = 0
  for (const value of Object.values(layer)) count += isMap(value) && Object.keys(value).length > 0 ? said(value) : 1
  return count
}

/** The smallest layer that makes `wanted` of what is below; undefined: none is needed. Nulls in `wanted` mean: not there. */
export function patchFor(below: unknown, wanted: unknown): unknown {
  if (!isMap(below) || !isMap(wanted)) return same(below, wanted) ? undefined : wanted
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(below)) if (!Object.hasOwn(wanted, key)) put(out, key, null)
  for (const key of Object.keys(wanted)) {
    const inner = patchFor(child(below, key), wanted[key])
    if (inner !== undefined) put(out, key, inner)
  }
  return isEmpty(out) ? undefined : out
}
