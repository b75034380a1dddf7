import { type Environment, Optional } from '@marcbachmann/cel-js'
import { isObject, jsonEqual } from '../../base/json.ts'
import type { Schema } from '../schema/types.ts'

/** A schema as a type of CEL, and values of the schema as values of CEL. */
export interface CelTypes {
  /** The type's name: `int`, `list<string>`, `map<string, int>`, or the name of a registered object type. */
  readonly type: string
  /** A JSON value as CEL sees it: integers as big integers, dates as timestamps, objects as instances of their type. */
  convert(value: unknown): unknown
  /** A value as an optional; undefined is none. */
  optional(value: unknown): unknown
}

interface Part {
  readonly type: string
  readonly convert: (value: unknown) => unknown
}

const resourceFields: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', properties: { name: { type: 'string' }, generateName: { type: 'string' } } },
}

/**
 * Declares the types of a schema in an environment. The mapping is Kubernetes': an object with properties is a type of its
 * own, one with additionalProperties a map, int-or-string is dynamic, date, date-time and duration formats are timestamps
 * and durations; fields whose type is not known are left out.
 */
export function celTypesOf(schema: Schema, resourceRoot: boolean, env: Environment): CelTypes {
  let count = 0
  const made = new Map<Schema, Part>()
  const declare = (part: Schema, root: boolean): Part | undefined => {
    const known = root ? undefined : made.get(part)
    if (known !== undefined) return known
    const built = build(part, root)
    // A nullable value may be compared with null, which typed values may not.
    const result = built !== undefined && part.nullable ? { ...built, type: 'dyn' } : built
    if (result !== undefined && !root) made.set(part, result)
    return result
  }
  const build = (part: Schema, root: boolean): Part | undefined => {
    if (part['x-kubernetes-int-or-string']) return { type: 'dyn', convert: dynamic }
    switch (part.type) {
      case 'array': {
        const items = part.items === undefined ? undefined : declare(part.items, isEmbedded(part.items))
        if (items === undefined) return undefined
        return {
          type: `list<${items.type}>`,
          convert: value => (Array.isArray(value) ? value.map(item => nullable(items, item)) : value),
        }
      }
      case 'object':
        return buildObject(part, root)
      case 'string':
        return stringPart(part.format)
      case 'integer':
        return { type: 'int', convert: value => (typeof value === 'number' ? BigInt(Math.trunc(value)) : value) }
      case 'number':
        return { type: 'double', convert: value => value }
      case 'boolean':
        return { type: 'bool', convert: value => value }
      default:
        return undefined
    }
  }
  const buildObject = (part: Schema, root: boolean): Part | undefined => {
    if (isObject(part.additionalProperties)) {
      const values = declare(part.additionalProperties as Schema, false)
      if (values === undefined) return undefined
      return {
        type: `map<string, ${values.type}>`,
        convert: value =>
          isObject(value) ? new Map(Object.entries(value).map(([key, item]) => [key, nullable(values, item)])) : value,
      }
    }
    const fields = new Map<string, { name: string; part: Part }>()
    const properties = { ...part.properties, ...(root ? withResourceFields(part.properties) : {}) }
    for (const [name, property] of Object.entries(properties)) {
      const escaped = escapeName(name)
      const field = escaped === undefined ? undefined : declare(property, isEmbedded(property))
      if (escaped !== undefined && field !== undefined) fields.set(name, { name: escaped, part: field })
    }
    const type = `object${count++}`
    const ctor = class {}
    const declared: Record<string, string> = {}
    for (const field of fields.values()) declared[field.name] = field.part.type
    env.registerType(type, { ctor, fields: declared })
    env.registerOperator(`${type} == ${type}`, (left: unknown, right: unknown) => sameObject(left, right))
    return {
      type,
      convert: value => {
        if (!isObject(value)) return value
        const instance = new ctor() as Record<string, unknown>
        sources.set(instance, value)
        for (const key in value) {
          const field = fields.get(key)
          if (field !== undefined) instance[field.name] = nullable(field.part, value[key])
        }
        return instance
      },
    }
  }
  const part = declare(schema, resourceRoot) ?? { type: 'dyn', convert: dynamic }
  return {
    type: part.type,
    convert: part.convert,
    optional: value => (value === undefined ? Optional.none() : Optional.of(part.convert(value))),
  }
}

/** The JSON object that an instance was made from: equality of objects counts all fields, also those without a type. */
const sources = new WeakMap<object, unknown>()

function sameObject(left: unknown, right: unknown): boolean {
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return left === right
  return jsonEqual(sources.get(left), sources.get(right))
}

function nullable(part: Part, value: unknown): unknown {
  return value === null ? null : part.convert(value)
}

function withResourceFields(properties: Schema['properties']): Record<string, Schema> {
  const out: Record<string, Schema> = {}
  for (const [name, schema] of Object.entries(resourceFields)) {
    const own = properties?.[name]
    out[name] = own?.type === undefined || name === 'metadata' ? schema : own
  }
  return out
}

function isEmbedded(schema: Schema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true
}

function stringPart(format: string | undefined): Part {
  const keep = (value: unknown): unknown => value
  switch (format?.replaceAll('-', '')) {
    case 'byte':
      return {
        type: 'bytes',
        convert: value => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : value),
      }
    case 'date':
    case 'datetime':
      return {
        type: 'google.protobuf.Timestamp',
        convert: value => (typeof value === 'string' ? new Date(value) : value),
      }
    default:
      return { type: 'string', convert: keep }
  }
}

function dynamic(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(dynamic)
  if (isObject(value)) return new Map(Object.entries(value).map(([key, item]) => [key, dynamic(item)]))
  return value
}

const reserved: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** A property's name as an identifier of CEL, or undefined when it cannot be one (Kubernetes' escaping rules). */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  const escaped = name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__')
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined
}

/** The length of the longest list, map or text in a value: what loops of an expression can run over. */
export function largestCollection(value: unknown): number {
  if (Array.isArray(value))
    return value.reduce<number>((most, item) => Math.max(most, largestCollection(item)), value.length)
  if (!isObject(value)) return 0
  let most = 0
  let count = 0
  for (const key in value) {
    count++
    const below = largestCollection(value[key])
    if (below > most) most = below
  }
  return Math.max(most, count)
}
