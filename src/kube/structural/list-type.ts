import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { duplicate } from '../field-errors.ts'
import { goJson } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { childPath } from './schema-checker.ts'

const concerns = new WeakMap<Schema, boolean>()

/**
 * Appends an error for each item of a list of type set, or map by its keys, that is there a second time.
 * Contract: `x-kubernetes-list-type` (KEP-555); absent key fields count with their default.
 */
export function listTypeErrors(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (typeof value !== 'object' || value === null || !hasListType(schema)) return
  if (Array.isArray(value)) {
    const type = schema['x-kubernetes-list-type']
    if (type === 'set') reportTwice(value, path, errors)
    if (type === 'map') {
      const keys = schema['x-kubernetes-list-map-keys'] ?? []
      reportTwice(
        value.map(item => (isObject(item) ? keysOf(schema.items, keys, item) : item)),
        path,
        errors,
      )
    }
    if (schema.items === undefined) return
    for (let i = 0; i < value.length; i++) listTypeErrors(schema.items, value[i], `${path}[${i}]`, errors)
    return
  }
  const object = value as Record<string, unknown>
  const additional = isObject(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
  for (const name in object) {
    const property = schema.properties?.[name]
    if (property !== undefined) listTypeErrors(property, object[name], childPath(path, name), errors)
    else if (additional !== undefined) listTypeErrors(additional, object[name], `${path}[${name}]`, errors)
  }
}

function keysOf(items: Schema | undefined, keys: readonly string[], item: Record<string, unknown>): unknown {
  const out: Record<string, unknown> = {}
  for (const key of keys) {
    const value = item[key] ?? items?.properties?.[key]?.default
    if (value !== undefined) out[key] = value
  }
  return out
}

function reportTwice(items: readonly unknown[], path: string, errors: FieldError[]): void {
  if (items.length < 2) return
  const seen = new Set<string>()
  const reported = new Set<string>()
  items.forEach((item, i) => {
    const key = goJson(item)
    // A third occurrence is not reported again.
    if (seen.has(key) && !reported.has(key)) {
      reported.add(key)
      errors.push(duplicate(`${path}[${i}]`, item))
    }
    seen.add(key)
  })
}

/** Whether a list of type set or map is anywhere in the schema: most schemas need no walk. */
function hasListType(schema: Schema, above: Set<Schema> = new Set()): boolean {
  const known = concerns.get(schema)
  if (known !== undefined) return known
  if (above.has(schema)) return false
  above.add(schema)
  const type = schema['x-kubernetes-list-type']
  let found = type === 'set' || type === 'map'
  if (!found && schema.items !== undefined) found = hasListType(schema.items, above)
  if (!found && isObject(schema.additionalProperties)) found = hasListType(schema.additionalProperties as Schema, above)
  if (!found && schema.properties !== undefined) {
    found = Object.values(schema.properties).some(property => hasListType(property, above))
  }
  above.delete(schema)
  if (found || above.size === 0) concerns.set(schema, found)
  return found
}
