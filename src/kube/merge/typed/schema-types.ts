import { objectMetaSchema } from '../../schema/object-meta.ts'
import type { Schema } from '../../schema/types.ts'
import { deducedType, type FieldModel, type TypeModel, untypedAtomic } from './type-model.ts'

const models = new WeakMap<Schema, TypeModel>()
const roots = new WeakMap<Schema, TypeModel>()

/**
 * The type of a kind's objects. Schemas of CRDs leave metadata to the server, so its type is put in; without a schema
 * the type is deduced from values.
 */
export function objectType(schema: Schema | undefined): TypeModel {
  if (schema === undefined) return deducedType
  let root = roots.get(schema)
  if (root === undefined) {
    const metadata = schema.properties?.['metadata']
    const complete =
      metadata === undefined || metadata.properties !== undefined
        ? schema
        : { ...schema, properties: { ...schema.properties, metadata: objectMetaSchema } }
    root = typeOf(complete)
    roots.set(schema, root)
  }
  return root
}

/** The type that a schema stands for, as kube-openapi's schemaconv derives it. Parts are resolved when first asked for. */
export function typeOf(schema: Schema): TypeModel {
  let model = models.get(schema)
  if (model === undefined) {
    model = modelOf(schema)
    models.set(schema, model)
  }
  return model
}

function modelOf(schema: Schema): TypeModel {
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return scalarType('untyped')
  switch (schema.type) {
    case 'string':
      return scalarType('string')
    case 'boolean':
      return scalarType('boolean')
    case 'integer':
    case 'number':
      return scalarType('numeric')
    case 'array':
      return listType(schema)
    case 'object':
      return schema.properties || schema.additionalProperties || schema['x-kubernetes-map-type']
        ? mapType(schema, open)
        : open
          ? deducedType
          : objectOfAnything(schema)
    default:
      if (schema.properties || schema.additionalProperties) return mapType(schema, open)
      return open ? deducedType : untypedAtomic
  }
}

/** `type: object` and nothing more: entries may come and go one by one, but what is in each is not known. */
function objectOfAnything(schema: Schema): TypeModel {
  return mapType(schema, false)
}

function scalarType(scalar: TypeModel['scalar']): TypeModel {
  return { scalar, list: undefined, map: undefined }
}

function listType(schema: Schema): TypeModel {
  const kind = schema['x-kubernetes-list-type'] ?? 'atomic'
  const keys = kind === 'map' ? [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort() : []
  const { items } = schema
  return {
    scalar: undefined,
    map: undefined,
    list: {
      atomic: kind === 'atomic',
      keys,
      get element() {
        return items === undefined ? untypedAtomic : typeOf(items)
      },
    },
  }
}

function mapType(schema: Schema, open: boolean): TypeModel {
  const { properties, additionalProperties } = schema
  const fields = new Map<string, FieldModel>()
  return {
    scalar: undefined,
    list: undefined,
    map: {
      atomic: schema['x-kubernetes-map-type'] === 'atomic',
      deduced: false,
      field(name) {
        const known = fields.get(name)
        if (known !== undefined || properties === undefined || !Object.hasOwn(properties, name)) return known
        const field = fieldOf(properties[name] as Schema)
        fields.set(name, field)
        return field
      },
      get element() {
        if (typeof additionalProperties === 'object') return typeOf(additionalProperties)
        if (open) return deducedType
        return additionalProperties === true || properties === undefined ? untypedAtomic : undefined
      },
    },
  }
}

function fieldOf(schema: Schema): FieldModel {
  const fallback = schema.default
  const empty =
    typeof fallback === 'object' && fallback !== null && !Array.isArray(fallback) && Object.keys(fallback).length === 0
  return { type: typeOf(schema), default: fallback, alwaysPresent: empty }
}
