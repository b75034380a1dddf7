import { isObject } from '../../../base/json.ts'
import type { Schema } from '../../../kube/schema/types.ts'
import type { KindDefinition } from '../kinds/types.ts'
import { customName, type OpenapiSource } from './source.ts'

/** Which OpenAPI a document is written in; they differ in how references are written, and in what schemas may say. */
export type Dialect = 'v2' | 'v3'

/** An OpenAPI schema object. */
export type SchemaObject = Record<string, unknown>

const apiVersionText =
  'The version of the schema that this object is written in. Servers convert known versions and may reject unknown ones.'
const kindText = 'The kind of this object, in CamelCase. It cannot be changed.'

/** Metadata for servers that give no schema of it: clients look for these fields when they work out patches. */
const plainMeta: Schema = {
  type: 'object',
  properties: {
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
    finalizers: { type: 'array', items: { type: 'string' }, 'x-kubernetes-patch-strategy': 'merge' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    name: { type: 'string' },
    namespace: { type: 'string' },
  },
}

const intOrStringName = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'

/** The named schemas of one document, added as they are referred to. */
export class Components {
  readonly schemas: Record<string, SchemaObject> = {}
  readonly #source: OpenapiSource
  readonly #dialect: Dialect
  /** Whether what is being converted belongs to a builtin kind. */
  #builtin = false

  constructor(source: OpenapiSource, dialect: Dialect) {
    this.#source = source
    this.#dialect = dialect
  }

  /** A reference to a component. */
  ref(name: string): SchemaObject {
    return { $ref: `${this.#dialect === 'v2' ? '#/definitions/' : '#/components/schemas/'}${name}` }
  }

  /** Adds a kind in one version, and its list; gives the name of the kind's component. */
  addKind(definition: KindDefinition, version: string): string {
    const { group, kind, listKind } = definition
    const schema = definition.versions.find(candidate => candidate.version === version)?.schema
    const shared = schema === undefined ? undefined : this.#source.definitionName(schema)
    const name = shared ?? customName({ group: group === '' ? 'core.api.k8s.io' : group, version, kind })
    if (this.schemas[name] !== undefined) return name
    const made: SchemaObject = {}
    this.schemas[name] = made
    this.#builtin = !definition.custom
    Object.assign(made, schema === undefined ? { type: 'object' } : this.#convert(schema))
    if (definition.custom || schema === undefined) this.#completeCustom(made)
    made['x-kubernetes-group-version-kind'] = [{ group, kind, version }]
    this.schemas[`${name}List`] = this.#list(name, { group, kind: listKind, version })
    return name
  }

  /** Custom kinds are published with the fields that all objects have. */
  #completeCustom(made: SchemaObject): void {
    const properties = isObject(made['properties']) ? made['properties'] : {}
    const { objectMeta } = this.#source
    made['properties'] = {
      ...properties,
      apiVersion: { description: apiVersionText, type: 'string' },
      kind: { description: kindText, type: 'string' },
      metadata: this.property(objectMeta ?? plainMeta),
    }
  }

  #list(item: string, gvk: { group: string; kind: string; version: string }): SchemaObject {
    return {
      description: `${gvk.kind} is a list of objects.`,
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { description: apiVersionText, type: 'string' },
        kind: { description: kindText, type: 'string' },
        metadata: { type: 'object', properties: { continue: { type: 'string' }, resourceVersion: { type: 'string' } } },
        items: { description: 'The objects.', type: 'array', items: this.ref(item) },
      },
      'x-kubernetes-group-version-kind': [gvk],
    }
  }

  /** A schema as it stands in a property: a reference when it has a name of its own. */
  property(schema: Schema): SchemaObject {
    const name = this.#source.definitionName(schema)
    if (name === undefined) return this.#isIntOrString(schema) ? this.#intOrString() : this.#convert(schema)
    const canonical = this.#source.schemaByName?.(name) ?? schema
    if (this.schemas[name] === undefined) {
      const made: SchemaObject = {}
      this.schemas[name] = made
      Object.assign(made, this.#convert(canonical))
      for (const key of patchKeys) delete made[key]
    }
    const reference = this.ref(name)
    const beside: SchemaObject = {}
    for (const key of patchKeys) if (schema[key] !== undefined) beside[key] = schema[key]
    const mapType = schema['x-kubernetes-map-type']
    if (mapType !== canonical['x-kubernetes-map-type']) beside['x-kubernetes-map-type'] = mapType
    if (Object.keys(beside).length === 0) return reference
    // In 3.0 nothing may stand beside `$ref`.
    return this.#dialect === 'v2' ? { ...beside, ...reference } : { ...beside, allOf: [reference] }
  }

  /** Builtin kinds refer to this type by name, and clients print that; in definitions it is written out. */
  #isIntOrString(schema: Schema): boolean {
    return this.#builtin && schema['x-kubernetes-int-or-string'] === true && Object.keys(schema).length === 1
  }

  #intOrString(): SchemaObject {
    this.schemas[intOrStringName] ??=
      this.#dialect === 'v2'
        ? { type: 'string', format: 'int-or-string' }
        : { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' }
    return this.ref(intOrStringName)
  }

  #convert(schema: Schema): SchemaObject {
    const out: SchemaObject = {}
    for (const [key, value] of Object.entries(schema)) {
      if (value === undefined || (this.#dialect === 'v2' && notInV2.has(key))) continue
      out[key] = this.#value(key, value)
    }
    const intOrString = schema['x-kubernetes-int-or-string'] === true
    if (intOrString && this.#dialect === 'v3' && out['anyOf'] === undefined) {
      out['oneOf'] = [{ type: 'integer' }, { type: 'string' }]
    }
    if (this.#dialect === 'v2') {
      if (intOrString) Object.assign(out, { type: 'string', format: 'int-or-string' })
      if (schema.nullable || schema['x-kubernetes-preserve-unknown-fields']) dropStructure(out)
    }
    return out
  }

  #value(key: string, value: unknown): unknown {
    if (key === 'properties' && isObject(value)) {
      const properties: Record<string, SchemaObject> = {}
      for (const [name, property] of Object.entries(value)) properties[name] = this.property(property as Schema)
      return properties
    }
    if (key === 'items' || key === 'not') return this.property(value as Schema)
    if (key === 'additionalProperties' && isObject(value)) return this.property(value as Schema)
    if ((key === 'allOf' || key === 'anyOf' || key === 'oneOf') && Array.isArray(value)) {
      return value.map(part => this.property(part as Schema))
    }
    return value
  }
}

/** What a field says of itself, not of the type that it refers to. */
const patchKeys = ['x-kubernetes-patch-strategy', 'x-kubernetes-patch-merge-key'] as const

/** Keywords that OpenAPI 2.0 and its users do not know. */
const notInV2 = new Set([
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'nullable',
  'default',
  'x-kubernetes-int-or-string',
  'x-kubernetes-validations',
])

/**
 * Clients of OpenAPI 2.0 take a schema's fields for all that may be there. Where more may be there, they get none.
 * Contract: apiextensions-apiserver, publishing of structural schemas to OpenAPI v2.
 */
function dropStructure(out: SchemaObject): void {
  if (out['x-kubernetes-preserve-unknown-fields'] !== true) {
    // A nullable value has no type in 2.0.
    delete out['type']
  }
  delete out['properties']
  delete out['items']
  delete out['required']
}
