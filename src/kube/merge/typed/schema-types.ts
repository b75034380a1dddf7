import { objectMetaSchema } from '../../schema/object-meta.ts'
import type { Schema } from '../../schema/types.ts'
import { deducedType, type FieldModel, type TypeModel, untypedAtomic } from './type-model.ts'

/** Models are made once for a schema object; one map for schemas below `x-kubernetes-preserve-unknown-fields`. */
const models = { closed: new WeakMap<Schema, TypeModel>(), open: new WeakMap<Schema, TypeModel>() }
const roots = new WeakMap<Schema, TypeModel>()
const text: Schema = { type: 'string' }

/**
 * The type of a kind's objects. Schemas of CRDs leave apiVersion, kind and the inside of metadata to the server, so these
 * are put in; without a schema the type is deduced from the values.
 */
export function objectType(schema: Schema | undefined): TypeModel {
  if (schema === undefined) return deducedType
  let root = roots.get(schema)
  if (root === undefined) {
    root = typeOf(schema.properties || schema.type === 'object' ? withTypeMeta(schema) : schema)
    roots.set(schema, root)
  }
  return root
}

/** The type that a schema stands for, by the rules of kube-openapi's `schemaconv`. Parts are resolved when first asked for. */
export function typeOf(schema: Schema): TypeModel {
  return model(schema, false)
}

/** `open`: the schema is below one that preserves unknown fields, which holds for all that is in it. */
function model(schema: Schema, open: boolean): TypeModel {
  const known = open ? models.open : models.closed
  let found = known.get(schema)
  if (found === undefined) {
    found = modelOf(schema, open || schema['x-kubernetes-preserve-unknown-fields'] === true)
    known.set(schema, found)
  }
  return found
}

function modelOf(schema: Schema, open: boolean): TypeModel {
  if (schema['x-kubernetes-int-or-string']) return scalarType('untyped')
  const embedded = schema['x-kubernetes-embedded-resource'] ? withTypeMeta(schema) : schema
  switch (schema.type) {
    case 'string':
      // Formats other than bytes may be sent in another shape than they are kept in.
      return scalarType(schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped')
    case 'boolean':
      return scalarType('boolean')
    case 'integer':
    case 'number':
      return scalarType('numeric')
    case 'array':
      return { scalar: undefined, list: listModel(schema, open), map: undefined }
    case 'object':
      return { scalar: undefined, list: undefined, map: mapModel(embedded, open) }
    default:
      return { scalar: 'untyped', list: listModel(schema, open), map: mapModel(embedded, open) }
  }
}

function scalarType(scalar: TypeModel['scalar']): TypeModel {
  return { scalar, list: undefined, map: undefined }
}

function listModel(schema: Schema, open: boolean): TypeModel['list'] {
  const { items } = schema
  const keys = listKeys(schema)
  return {
    atomic: keys === undefined,
    keys: keys ?? [],
    get element() {
      return items === undefined ? untypedAtomic : model(items, open)
    },
  }
}

/** The keys that tell elements apart, none for a set; undefined for an atomic list. */
function listKeys(schema: Schema): readonly string[] | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'map':
      return [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort()
    case 'set':
      return []
    case 'atomic':
      return undefined
    default: {
      // Before list types there were only patch strategies.
      if (!schema['x-kubernetes-patch-strategy']?.split(',').includes('merge')) return undefined
      const key = schema['x-kubernetes-patch-merge-key']
      return key === undefined ? [] : [key]
    }
  }
}

function mapModel(schema: Schema, open: boolean): TypeModel['map'] {
  const { properties, additionalProperties } = schema
  const fields = new Map<string, FieldModel>()
  // A free-form object: its entries come and go one by one, and so do those of the maps in it.
  const free = open || properties === undefined || additionalProperties === true
  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    deduced: properties === undefined && typeof additionalProperties !== 'object' && additionalProperties !== false,
    field(name) {
      const known = fields.get(name)
      if (known !== undefined || properties === undefined || !Object.hasOwn(properties, name)) return known
      const property = properties[name] as Schema
      const field = { type: model(property, open), default: property.default }
      fields.set(name, field)
      return field
    },
    get element() {
      if (typeof additionalProperties === 'object') return model(additionalProperties, open)
      return free && additionalProperties !== false ? deducedType : undefined
    },
  }
}

/** An object's schema with what every Kubernetes object has. */
function withTypeMeta(schema: Schema): Schema {
  const { apiVersion = text, kind = text, metadata } = schema.properties ?? {}
  if (schema.properties?.['apiVersion'] && schema.properties['kind'] && metadata?.properties) return schema
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion,
      kind,
      metadata: metadata?.properties ? metadata : objectMetaSchema,
    },
  }
}
