import { isObject } from '../../base/json.ts'
import type { Schema } from '../schema/types.ts'

/** How an object is pruned. */
export interface PruneOptions {
  /** The object is a whole resource: apiVersion, kind and metadata stay, whatever the schema says. Default: true. */
  readonly resourceRoot?: boolean
}

/**
 * Drops the fields that a schema does not specify, in place, and says which: `spec.ghost`, `spec.list[0].ghost`.
 * `x-kubernetes-preserve-unknown-fields` keeps what is below it (but what the schema does specify below is pruned again),
 * `x-kubernetes-embedded-resource` keeps apiVersion, kind and metadata.
 * Contract: Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", Field pruning.
 */
export function pruneObject(schema: Schema, object: unknown, options: PruneOptions = {}): string[] {
  const dropped: string[] = []
  prune(object, schema, '', options.resourceRoot ?? true, { dropped, remove: true })
  return dropped
}

/** The paths that {@link pruneObject} would drop; the object is left alone. For `unknown field "spec.foo"`. */
export function unknownFields(schema: Schema, object: unknown, options: PruneOptions = {}): string[] {
  const dropped: string[] = []
  prune(object, schema, '', options.resourceRoot ?? true, { dropped, remove: false })
  return dropped
}

interface Run {
  readonly dropped: string[]
  readonly remove: boolean
}

function prune(value: unknown, schema: Schema | undefined, path: string, embedded: boolean, run: Run): void {
  if (typeof value !== 'object' || value === null) return
  const keeps = schema?.['x-kubernetes-preserve-unknown-fields'] === true
  if (Array.isArray(value)) {
    // An item schema below a preserved list is optional: without one the items are kept as they are.
    if (keeps && schema?.items === undefined) return
    for (let i = 0; i < value.length; i++) {
      const items = schema?.items
      if (typeof value[i] !== 'object') continue
      if (keeps && items !== undefined) prune(value[i], preserving(items), `${path}[${i}]`, isEmbedded(items), run)
      else prune(value[i], items, `${path}[${i}]`, isEmbedded(items), run)
    }
    return
  }
  const object = value as Record<string, unknown>
  const properties = schema?.properties
  const additional = schema?.additionalProperties
  for (const name in object) {
    if (embedded && (name === 'metadata' || name === 'apiVersion' || name === 'kind')) continue
    const property = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    if (property !== undefined) {
      if (typeof object[name] === 'object') prune(object[name], property, child(path, name), isEmbedded(property), run)
    } else if (additional !== undefined && additional !== false) {
      const below = isObject(additional) ? (additional as Schema) : undefined
      // `additionalProperties: true` keeps the value but specifies nothing below it, so that objects there end up empty.
      prune(object[name], below, child(path, name), isEmbedded(below), run)
    } else if (!keeps) {
      run.dropped.push(child(path, name))
      if (run.remove) delete object[name]
    }
  }
}

const preserved = new WeakMap<Schema, Schema>()

/** An item schema below a preserved list behaves as if it preserved, too. */
function preserving(schema: Schema): Schema {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return schema
  let made = preserved.get(schema)
  if (made === undefined) {
    made = { ...schema, 'x-kubernetes-preserve-unknown-fields': true }
    preserved.set(schema, made)
  }
  return made
}

function isEmbedded(schema: Schema | undefined): boolean {
  return schema?.['x-kubernetes-embedded-resource'] === true
}

function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
