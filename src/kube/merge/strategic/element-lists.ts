import { isObject, jsonEqual } from '../../../base/json.ts'
import { goValue } from '../typed/go-text.ts'
import type { JsonMap } from '../typed/values.ts'
import { patchDirective, takenOver, unknownDirective } from './directives.ts'
import { inOrder } from './order.ts'
import { patchFault } from './problem.ts'

/** How the elements of one list are merged. */
export interface ListRules {
  /** The field that tells elements apart; undefined for lists of scalars. */
  readonly mergeKey: string | undefined
  readonly path: string
  /** Merges a map of the patch into the element that it belongs to. */
  merge(element: JsonMap, patch: JsonMap, path: string): JsonMap
}

/** A list with patch strategy `merge`: scalars as a set, maps by their merge key; new elements come first. */
export function mergeElements(
  live: readonly unknown[],
  patch: readonly unknown[],
  rules: ListRules,
): readonly unknown[] {
  if (live.length === 0 && patch.length === 0) return live
  if (kindOfElements(rules.path, live, patch) !== 'map') {
    const merged = unique([...live, ...patch])
    return inOrder(merged, patch, live, rules.mergeKey)
  }
  const { mergeKey, path } = rules
  if (mergeKey === undefined) throw patchFault(path, 'cannot merge lists without merge key')
  const { base, plain } = withSpecialElements(live as readonly JsonMap[], patch as readonly JsonMap[], mergeKey, path)
  const merged = [...base]
  for (const item of plain) {
    const at = indexOfKey(merged, keyOf(item, mergeKey, path), mergeKey)
    if (at < 0) merged.push(takenOver(item) as JsonMap)
    else merged[at] = rules.merge(merged[at]!, item, `${path}[${at}]`)
  }
  return inOrder(requireKeys(merged, mergeKey, path), plain, base, mergeKey)
}

/** The list without some scalars. */
export function removeScalars(live: readonly unknown[], values: readonly unknown[]): unknown[] {
  return live.filter(item => !values.some(value => jsonEqual(item, value)))
}

/** Elements with `$patch`: `delete` takes matching ones away, `replace` drops the whole live list first. */
function withSpecialElements(
  live: readonly JsonMap[],
  patch: readonly JsonMap[],
  mergeKey: string,
  path: string,
): { base: readonly JsonMap[]; plain: readonly JsonMap[] } {
  let base = live
  let replace = false
  const plain: JsonMap[] = []
  for (const item of patch) {
    if (!Object.hasOwn(item, patchDirective)) plain.push(item)
    else if (item[patchDirective] === 'replace') replace = true
    else if (item[patchDirective] === 'delete') {
      const key = keyOf(item, mergeKey, path)
      base = base.filter(one => !jsonEqual(one[mergeKey], key))
    } else if (item[patchDirective] === 'merge') {
      throw patchFault(path, 'merging lists cannot yet be specified in the patch')
    } else throw unknownDirective(item, path)
  }
  return replace ? { base: plain.map(item => takenOver(item) as JsonMap), plain: [] } : { base, plain }
}

/** What the elements of lists are; they must be all the same, and no lists. */
export function kindOfElements(path: string, ...lists: readonly (readonly unknown[])[]): string {
  let kind: string | undefined
  for (const item of lists.flat()) {
    const one = isObject(item) ? 'map' : Array.isArray(item) ? 'list' : item === null ? 'null' : typeof item
    if (one === 'list') throw patchFault(path, 'lists of lists are not supported', 422)
    if (kind !== undefined && one !== kind)
      throw patchFault(path, `list element types are not identical: ${goValue(lists)}`)
    kind = one
  }
  if (kind === undefined) throw patchFault(path, 'no elements in any of the given slices')
  return kind
}

/** Fails for a list of maps in which one has no merge key. */
export function requireKeys<T extends readonly unknown[]>(list: T, mergeKey: string, path: string): T {
  for (const item of list) {
    if (!isObject(item)) throw patchFault(path, `expected a map[string]interface {}, but received a ${typeof item}`)
    keyOf(item, mergeKey, path)
  }
  return list
}

function keyOf(item: JsonMap, mergeKey: string, path: string): unknown {
  if (Object.hasOwn(item, mergeKey)) return item[mergeKey]
  throw patchFault(path, `map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)
}

function indexOfKey(list: readonly JsonMap[], key: unknown, mergeKey: string): number {
  return list.findIndex(one => Object.hasOwn(one, mergeKey) && jsonEqual(one[mergeKey], key))
}

function unique(items: readonly unknown[]): unknown[] {
  return items.filter((item, i) => items.findIndex(one => jsonEqual(one, item)) === i)
}
