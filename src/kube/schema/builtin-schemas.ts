import type { GroupVersionKind } from '../identity.ts'
import { type Definition, type FieldCode, type FieldExtras, openTable } from './builtin-table.ts'
import type { Schema, SchemaSource } from './types.ts'

const schemas: (Schema | undefined)[] = []
const names = new WeakMap<Schema, string>()
let byKind: Map<string, number> | undefined

const source: SchemaSource = {
  schemaFor(gvk) {
    const at = kindIndex().get(keyOf(gvk))
    return at === undefined ? undefined : definitionAt(at)
  },
}

/** Schemas of the builtin kinds, made on demand: asking for one costs nothing for the others. */
export function builtinSchemas(): SchemaSource {
  return source
}

/** Name of a kind's definition in the API server's documents: `io.k8s.api.apps.v1.Deployment`. */
export function definitionName(gvk: GroupVersionKind): string | undefined {
  const at = kindIndex().get(keyOf(gvk))
  return at === undefined ? undefined : openTable().defs[at]?.[0]
}

/** Name of the definition that a schema is; undefined for parts without one of their own. */
export function nameOfSchema(schema: Schema): string | undefined {
  return names.get(schema)
}

/** The schema of a definition by its name. */
export function schemaByName(name: string): Schema | undefined {
  const at = openTable().defs.findIndex(([one]) => one === name)
  return at < 0 ? undefined : definitionAt(at)
}

function kindIndex(): Map<string, number> {
  byKind ??= new Map(openTable().kinds.map(([group, version, kind, at]) => [keyOf({ group, version, kind }), at]))
  return byKind
}

function keyOf({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}/${kind}`
}

function definitionAt(at: number): Schema {
  const known = schemas[at]
  if (known !== undefined) return known
  const definition = openTable().defs[at] as Definition
  const [name, body] = definition
  const schema =
    typeof body === 'string'
      ? fromCode(body)
      : objectSchema(definition as Extract<Definition, readonly [string, object, object]>)
  schemas[at] = schema
  names.set(schema, name)
  return schema
}

/** Its properties are made when they are first read, because definitions contain each other. */
function objectSchema([, fields, rest]: Extract<Definition, readonly [string, object, object]>): Schema {
  let properties: Record<string, Schema> | undefined
  return {
    type: 'object',
    ...(rest.r === undefined ? {} : { required: rest.r }),
    ...(rest.m === undefined ? {} : { 'x-kubernetes-map-type': rest.m }),
    get properties() {
      properties ??= Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]))
      return properties
    },
  }
}

function fieldSchema(field: FieldCode): Schema {
  if (typeof field === 'string') return fromCode(field)
  const [code, extras] = field
  return withExtras(fromCode(code), extras)
}

function withExtras(schema: Schema, extras: FieldExtras): Schema {
  const more: Schema = {
    ...(extras.l === undefined ? {} : { 'x-kubernetes-list-type': extras.l }),
    ...(extras.k === undefined ? {} : { 'x-kubernetes-list-map-keys': extras.k }),
    ...(extras.m === undefined ? {} : { 'x-kubernetes-map-type': extras.m }),
    ...(extras.p === undefined ? {} : { 'x-kubernetes-patch-strategy': extras.p }),
    ...(extras.g === undefined ? {} : { 'x-kubernetes-patch-merge-key': extras.g }),
    ...(extras.e === undefined ? {} : { enum: [...extras.e] }),
    ...(extras.d === undefined ? {} : { default: extras.d }),
  }
  // Getters stay getters: a copy must not open what the definition keeps closed.
  const copy = Object.defineProperties(
    {},
    { ...Object.getOwnPropertyDescriptors(schema), ...Object.getOwnPropertyDescriptors(more) },
  ) as Schema
  const name = names.get(schema)
  if (name !== undefined) names.set(copy, name)
  return copy
}

const simple: Readonly<Record<string, Schema>> = {
  s: { type: 'string' },
  b: { type: 'boolean' },
  i: { type: 'integer', format: 'int32' },
  l: { type: 'integer', format: 'int64' },
  n: { type: 'number', format: 'double' },
  B: { type: 'string', format: 'byte' },
  t: { type: 'string', format: 'date-time' },
  x: { 'x-kubernetes-int-or-string': true },
  q: { type: 'string', format: 'quantity', 'x-kubernetes-int-or-string': true },
  o: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  '*': { 'x-kubernetes-preserve-unknown-fields': true },
}

function fromCode(code: string): Schema {
  if (code.startsWith('#')) return definitionAt(Number(code.slice(1)))
  const rest = code.slice(1)
  if (code.startsWith('[')) return { type: 'array', items: fromCode(rest) }
  if (code.startsWith('{')) return { type: 'object', additionalProperties: fromCode(rest) }
  return simple[code] ?? {}
}
