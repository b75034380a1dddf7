import { SluiceError } from '../../../base/errors/index.ts'
import { isObject } from '../../../base/json.ts'
import { objectMetaSchema } from '../../schema/object-meta.ts'
import type { Schema } from '../../schema/types.ts'
import { deleteFromPrefix, directiveOf, retainKeysDirective, setOrderPrefix, withoutDirectives } from './directives.ts'
import { isSameElement, mergeList } from './lists.ts'
import { orderElements } from './order.ts'

type JsonObject = Record<string, unknown>

/**
 * Kubernetes' strategic merge patch: maps merge, null removes, lists merge by the key that the schema names (or are
 * replaced), with the directives `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`.
 * Neither argument is changed.
 *
 * @param schema of the kind; undefined: every list is replaced
 * @throws E_STRATEGIC_PATCH_INVALID
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown, schema: Schema | undefined): unknown {
  if (!isObject(patch)) throw invalid('', 'an object', patch)
  return mergeMap(isObject(target) ? target : {}, patch, schema, '')
}

export function mergeMap(
  original: JsonObject,
  patch: JsonObject,
  schema: Schema | undefined,
  path: string,
): JsonObject {
  const directive = directiveOf(patch, path)
  if (directive === 'replace') return withoutDirectives(patch) as JsonObject
  if (directive === 'delete') return {}
  const result: JsonObject = retainKeys(original, patch, path)
  const rest: JsonObject = { ...patch }
  for (const key of Object.keys(patch)) if (key.startsWith(setOrderPrefix)) applyOrder(result, rest, key, schema, path)
  for (const [key, value] of Object.entries(rest)) {
    if (key === '$patch' || key === retainKeysDirective || key.startsWith(setOrderPrefix)) continue
    if (key.startsWith(deleteFromPrefix)) {
      deleteFromList(result, key.slice(deleteFromPrefix.length), value, path)
      continue
    }
    const field = `${path}.${key}`
    if (value === null) delete result[key]
    else
      set(
        result,
        key,
        mergeField(Object.hasOwn(result, key) ? result[key] : undefined, value, fieldSchema(schema, key), field),
      )
  }
  return result
}

function mergeField(original: unknown, value: unknown, schema: Schema | undefined, path: string): unknown {
  const strategy = (schema?.['x-kubernetes-patch-strategy'] ?? '').split(',')
  if (isObject(value)) {
    if (!isObject(original) || strategy.includes('replace'))
      return isObject(original) ? withoutDirectives(value) : mergeMap({}, value, schema, path)
    return mergeMap(original, value, schema, path)
  }
  if (Array.isArray(value)) {
    if (Array.isArray(original) && strategy.includes('merge')) return mergeList(original, value, schema, path, mergeMap)
    return withoutDirectives(value)
  }
  return value
}

/** `$retainKeys` lists the keys that stay; a union such as a Deployment's strategy loses its old member that way. */
function retainKeys(original: JsonObject, patch: JsonObject, path: string): JsonObject {
  const keep = patch[retainKeysDirective]
  if (keep === undefined) return { ...original }
  if (!Array.isArray(keep)) throw invalid(`${path}.${retainKeysDirective}`, 'a list of keys', keep)
  const missing = Object.keys(patch).find(key => !key.startsWith('$') && patch[key] !== null && !keep.includes(key))
  if (missing !== undefined)
    throw invalid(`${path}.${retainKeysDirective}`, `every key of the patch, ${missing} too`, keep)
  return Object.fromEntries(Object.entries(original).filter(([key]) => keep.includes(key)))
}

/** `$setElementOrder/x`: merges list x, then puts the elements of the patch into that order, others where they were. */
function applyOrder(
  result: JsonObject,
  rest: JsonObject,
  directive: string,
  schema: Schema | undefined,
  path: string,
): void {
  const key = directive.slice(setOrderPrefix.length)
  const field = `${path}.${key}`
  const order = rest[directive]
  if (!Array.isArray(order)) throw invalid(`${path}.${directive}`, 'a list', order)
  const listSchema = fieldSchema(schema, key)
  const mergeKey = listSchema?.['x-kubernetes-patch-merge-key']
  const original = Object.hasOwn(result, key) ? result[key] : undefined
  const patched = Object.hasOwn(rest, key) ? rest[key] : undefined
  if (patched === null) return
  delete rest[key]
  if (Array.isArray(patched)) {
    const lost = patched.find(
      item => !(isObject(item) && '$patch' in item) && !order.some(one => isSameElement(one, item, mergeKey)),
    )
    if (lost !== undefined) throw invalid(`${path}.${directive}`, 'every element of the patched list', order)
  }
  if (original === undefined && patched === undefined) return
  const merged = mergeField(original ?? [], patched ?? [], listSchema, field)
  if (!Array.isArray(merged)) return
  const serverOrder = Array.isArray(original) ? original : []
  set(result, key, orderElements(merged, order, serverOrder, mergeKey))
}

function deleteFromList(result: JsonObject, key: string, values: unknown, path: string): void {
  if (!Array.isArray(values)) throw invalid(`${path}.${deleteFromPrefix}${key}`, 'a list', values)
  const list = result[key]
  if (Array.isArray(list)) result[key] = list.filter(item => !values.includes(item))
}

export function fieldSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {}
  if (properties && Object.hasOwn(properties, key)) {
    const known = properties[key]
    return key === 'metadata' && known?.properties === undefined ? objectMetaSchema : known
  }
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** Assigns without ever touching a prototype. */
function set(target: JsonObject, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

export function invalid(object: string, expected: string, seen: unknown): SluiceError {
  return new SluiceError('E_STRATEGIC_PATCH_INVALID', {
    object: object || 'the patch',
    expected,
    seen: JSON.stringify(seen)?.slice(0, 200),
  })
}
