import { SluiceError } from '../../../base/errors/index.ts'
import { isObject, jsonEqual } from '../../../base/json.ts'
import type { Schema } from '../../schema/types.ts'
import { directiveOf, withoutDirectives } from './directives.ts'

type JsonObject = Record<string, unknown>
type MergeMap = (original: JsonObject, patch: JsonObject, schema: Schema | undefined, path: string) => JsonObject

/** Merges a list with strategy `merge`: scalars as a set, maps by their merge key. */
export function mergeList(
  original: readonly unknown[],
  patch: readonly unknown[],
  schema: Schema | undefined,
  path: string,
  mergeMap: MergeMap,
): unknown[] {
  const mergeKey = schema?.['x-kubernetes-patch-merge-key']
  const elements = original.length > 0 ? original : patch
  if (!elements.some(isObject)) return unique([...original, ...patch])
  if (mergeKey === undefined) return withoutDirectives(patch) as unknown[]
  let result = [...original]
  const plain: JsonObject[] = []
  let replace = false
  for (const [i, item] of patch.entries()) {
    if (!isObject(item)) throw notAMap(`${path}[${i}]`, item)
    const directive = directiveOf(item, path)
    if (directive === 'replace') replace = true
    else if (directive === 'delete') {
      const key = keyOf(item, mergeKey, `${path}[${i}]`)
      result = result.filter(one => !(isObject(one) && jsonEqual(one[mergeKey], key)))
    } else plain.push(item)
  }
  if (replace) return plain.map(item => withoutDirectives(item))
  for (const item of plain) {
    const key = keyOf(item, mergeKey, path)
    const at = result.findIndex(one => isObject(one) && jsonEqual(one[mergeKey], key))
    const before = at < 0 ? undefined : result[at]
    const merged = isObject(before)
      ? mergeMap(before, item, schema?.items, `${path}[${mergeKey}=${String(key)}]`)
      : mergeMap({}, item, schema?.items, path)
    if (at < 0) result.push(merged)
    else result[at] = merged
  }
  return result
}

/** Whether an element of an order list means an element of a list: by merge key for maps, by value for scalars. */
export function isSameElement(a: unknown, b: unknown, mergeKey: string | undefined): boolean {
  if (mergeKey !== undefined && isObject(a) && isObject(b)) return jsonEqual(a[mergeKey], b[mergeKey])
  return jsonEqual(a, b)
}

function keyOf(item: JsonObject, mergeKey: string, path: string): unknown {
  const key = item[mergeKey]
  if (key === undefined || key === null) {
    throw new SluiceError('E_STRATEGIC_PATCH_INVALID', {
      object: path,
      expected: `the merge key ${mergeKey}`,
      seen: `map: ${JSON.stringify(item).slice(0, 200)} does not contain declared merge key: ${mergeKey}`,
    })
  }
  return key
}

function notAMap(path: string, seen: unknown): SluiceError {
  return new SluiceError('E_STRATEGIC_PATCH_INVALID', {
    object: path,
    expected: 'a map, as the other elements',
    seen: JSON.stringify(seen)?.slice(0, 200) ?? 'nothing',
  })
}

function unique(items: readonly unknown[]): unknown[] {
  return items.filter((item, i) => items.findIndex(one => jsonEqual(one, item)) === i)
}
