import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { required } from '../field-errors.ts'
import type { Schema } from '../schema/types.ts'
import { childPath } from './schema-checker.ts'
import { validateEmbeddedMetadata } from './validate-metadata.ts'

const concerns = new WeakMap<Schema, boolean>()

/**
 * Appends what is wrong with resources in resources (`x-kubernetes-embedded-resource`): they need an API version and a
 * kind, and their metadata follows ObjectMeta's rules.
 */
export function embeddedMetadataErrors(schema: Schema, value: unknown, path: string, errors: FieldError[]): void {
  if (typeof value !== 'object' || value === null || !hasEmbedded(schema)) return
  if (Array.isArray(value)) {
    if (schema.items === undefined) return
    for (let i = 0; i < value.length; i++) embeddedMetadataErrors(schema.items, value[i], `${path}[${i}]`, errors)
    return
  }
  const object = value as Record<string, unknown>
  if (schema['x-kubernetes-embedded-resource']) {
    if (typeof object['apiVersion'] !== 'string' || object['apiVersion'] === '') {
      errors.push(required(childPath(path, 'apiVersion')))
    }
    if (typeof object['kind'] !== 'string' || object['kind'] === '') errors.push(required(childPath(path, 'kind')))
    if (isObject(object['metadata'])) {
      errors.push(...validateEmbeddedMetadata(object['metadata'], childPath(path, 'metadata')))
    }
  }
  for (const name in object) {
    const below =
      schema.properties?.[name] ??
      (isObject(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined)
    if (below !== undefined) embeddedMetadataErrors(below, object[name], childPath(path, name), errors)
  }
}

function hasEmbedded(schema: Schema, above: Set<Schema> = new Set()): boolean {
  const known = concerns.get(schema)
  if (known !== undefined) return known
  if (above.has(schema)) return false
  above.add(schema)
  let found = schema['x-kubernetes-embedded-resource'] === true
  if (!found && schema.items !== undefined) found = hasEmbedded(schema.items, above)
  if (!found && isObject(schema.additionalProperties)) found = hasEmbedded(schema.additionalProperties as Schema, above)
  if (!found && schema.properties !== undefined) {
    found = Object.values(schema.properties).some(property => hasEmbedded(property, above))
  }
  above.delete(schema)
  if (found || above.size === 0) concerns.set(schema, found)
  return found
}
