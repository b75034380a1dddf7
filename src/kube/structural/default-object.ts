import { isObject, type Json } from '../../base/json.ts'
import type { Schema } from '../schema/types.ts'

type Apply = (value: unknown) => void

const appliers = new WeakMap<Schema, Apply>()
const none: Apply = () => {}

/**
 * Fills in the defaults of a schema, in place, as the API server does with custom resources on every write and read:
 * defaults first (top down, so that a defaulted object gets its own fields' defaults too), nulls where the schema is not
 * nullable and has a default count as absent, and other nulls of fields that are not nullable are dropped.
 * Contract: Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions", Defaulting and Nullable.
 */
export function defaultObject(schema: Schema, object: unknown): void {
  applierOf(schema)(object)
}

function applierOf(schema: Schema): Apply {
  let apply = appliers.get(schema)
  if (apply === undefined) {
    // Schemas may be cyclic: the entry is there before the children are compiled.
    let compiled: Apply | undefined
    apply = value => (compiled ??= compile(schema))(value)
    appliers.set(schema, apply)
  }
  return apply
}

function compile(schema: Schema): Apply {
  const { items } = schema
  if (items !== undefined) {
    return value => {
      if (!Array.isArray(value)) return
      for (let i = 0; i < value.length; i++) {
        if (value[i] === null && fillsNull(items)) value[i] = copy(items.default as Json)
        applierOf(items)(value[i])
      }
    }
  }
  const properties = Object.entries(schema.properties ?? {})
  const defaults = properties.filter(([, property]) => property.default !== undefined && property.default !== null)
  const known = new Set(properties.map(([name]) => name))
  const additional = isObject(schema.additionalProperties) ? (schema.additionalProperties as Schema) : undefined
  if (properties.length === 0 && additional === undefined) return none
  const deep = properties.filter(([, property]) => mayDescend(property))
  return value => {
    if (!isObject(value)) return
    for (const [name, property] of defaults) {
      const seen = Object.hasOwn(value, name) ? value[name] : undefined
      if (seen === undefined || (seen === null && !property.nullable)) value[name] = copy(property.default as Json)
    }
    for (const [name, property] of properties) {
      if (value[name] === null && Object.hasOwn(value, name) && !property.nullable) delete value[name]
    }
    for (const [name, property] of deep) {
      const child = value[name]
      if (typeof child === 'object' && child !== null && Object.hasOwn(value, name)) applierOf(property)(child)
    }
    if (additional === undefined) return
    for (const name of Object.keys(value)) {
      if (known.has(name)) continue
      if (value[name] === null && !additional.nullable) {
        if (!fillsNull(additional)) {
          delete value[name]
          continue
        }
        value[name] = copy(additional.default as Json)
      }
      applierOf(additional)(value[name])
    }
  }
}

function fillsNull(schema: Schema): boolean {
  return !schema.nullable && schema.default !== undefined && schema.default !== null
}

function mayDescend(schema: Schema): boolean {
  return schema.properties !== undefined || schema.items !== undefined || isObject(schema.additionalProperties)
}

function copy(value: Json): Json {
  return typeof value === 'object' && value !== null ? structuredClone(value) : value
}
