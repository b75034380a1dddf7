import { isObject } from '../../../base/json.ts'
import { objectMetaSchema } from '../../schema/object-meta.ts'
import type { Schema } from '../../schema/types.ts'
import { goType } from '../typed/go-text.ts'
import { type JsonMap, setEntry } from '../typed/values.ts'
import {
  deleteFromPrefix,
  isDirective,
  listOfDirective,
  patchDirective,
  retainKeysDirective,
  setOrderPrefix,
  takenOver,
  unknownDirective,
} from './directives.ts'
import { mergeElements, removeScalars } from './element-lists.ts'
import { patchFault } from './problem.ts'
import { applyElementOrder } from './set-order.ts'

/**
 * Kubernetes' strategic merge patch: maps merge, null removes, lists merge by the key that the schema names
 * (`x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`) or are replaced, with the directives `$patch`,
 * `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`. Neither argument is changed; the result shares
 * parts with both.
 *
 * @param schema of the target's kind; undefined: every list is replaced
 * @throws E_STRATEGIC_PATCH_INVALID with Kubernetes' text in `details.message` and its HTTP status in `details.status`
 */
export function applyStrategicMergePatch(target: unknown, patch: unknown, schema: Schema | undefined): unknown {
  if (!isObject(patch)) throw patchFault('', `expected a map[string]interface {}, but received a ${goType(patch)}`, 400)
  return mergeMap(isObject(target) ? target : {}, patch, schema, '')
}

function mergeMap(live: JsonMap, patch: JsonMap, schema: Schema | undefined, path: string): JsonMap {
  if (Object.hasOwn(patch, patchDirective)) {
    if (patch[patchDirective] === 'delete') return {}
    if (patch[patchDirective] !== 'replace') throw unknownDirective(patch, path)
    const { [patchDirective]: _, ...rest } = patch
    return takenOver(rest) as JsonMap
  }
  const out = retainKeys(live, patch, path)
  const rest = { ...patch }
  delete rest[retainKeysDirective]
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(setOrderPrefix)) continue
    delete rest[key]
    const list = listOfDirective(key, setOrderPrefix, path)
    const done = applyElementOrder(own(out, list), own(rest, list), patch[key], listRules(schema, list, path))
    if (done === undefined) continue
    setEntry(out, list, done)
    delete rest[list]
  }
  for (const key of Object.keys(rest)) {
    if (key.startsWith(deleteFromPrefix)) deleteFromList(out, key, rest[key], schema, path)
    else mergeField(out, key, rest[key], schema, path)
  }
  return out
}

/** Merges one field of the patch into `out`. */
function mergeField(out: JsonMap, key: string, value: unknown, schema: Schema | undefined, path: string): void {
  if (value === undefined) return
  if (value === null) {
    delete out[key]
    return
  }
  const live = own(out, key)
  const below = fieldSchema(schema, key)
  const strategy = strategyOf(below)
  if (isObject(live) && isObject(value)) {
    setEntry(out, key, strategy === 'replace' ? value : mergeMap(live, value, below, `${path}.${key}`))
  } else if (Array.isArray(live) && Array.isArray(value)) {
    setEntry(out, key, strategy === 'merge' ? mergeElements(live, value, listRules(schema, key, path)) : value)
  } else {
    const taken = takenOver(value)
    if (taken === undefined) delete out[key]
    else setEntry(out, key, taken)
  }
}

/** `$retainKeys` names all fields that may be in the result: a union such as a Deployment's strategy loses its old member. */
function retainKeys(live: JsonMap, patch: JsonMap, path: string): JsonMap {
  const keep = own(patch, retainKeysDirective)
  if (keep === undefined) return { ...live }
  const stray = (key: string): boolean => patch[key] !== null && !isDirective(key) && !(keep as unknown[]).includes(key)
  if (!Array.isArray(keep) || Object.keys(patch).some(stray)) {
    throw patchFault(`${path}.${retainKeysDirective}`, 'invalid patch format of retainKeys', 400)
  }
  const out: JsonMap = {}
  for (const key of Object.keys(live)) if (keep.includes(key)) setEntry(out, key, live[key])
  return out
}

function deleteFromList(out: JsonMap, key: string, values: unknown, schema: Schema | undefined, path: string): void {
  const list = listOfDirective(key, deleteFromPrefix, path)
  if (values === null) {
    delete out[list]
    return
  }
  const live = own(out, list)
  if (!Array.isArray(live) || !Array.isArray(values)) return
  // As in Kubernetes: a list that does not merge is replaced, even by what was meant to be deleted from it.
  setEntry(out, list, strategyOf(fieldSchema(schema, list)) === 'merge' ? removeScalars(live, values) : values)
}

function listRules(schema: Schema | undefined, key: string, path: string) {
  const list = fieldSchema(schema, key)
  return {
    mergeKey: list?.['x-kubernetes-patch-merge-key'],
    merges: strategyOf(list) === 'merge',
    path: `${path}.${key}`,
    merge: (element: JsonMap, patch: JsonMap, at: string) => mergeMap(element, patch, list?.items, at),
  }
}

function strategyOf(schema: Schema | undefined): string | undefined {
  return schema?.['x-kubernetes-patch-strategy']?.split(',').find(one => one !== 'retainKeys')
}

function fieldSchema(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema ?? {}
  if (properties && Object.hasOwn(properties, key)) {
    const known = properties[key]
    // CRDs leave the inside of metadata to the server.
    return key === 'metadata' && known?.properties === undefined ? objectMetaSchema : known
  }
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

function own(map: JsonMap, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined
}
