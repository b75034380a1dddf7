import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../field-errors.ts'
import type { Schema } from '../schema/types.ts'
import { defaultErrors } from './crd-defaults.ts'
import { ruleErrors } from './crd-rules.ts'
import { shapeErrors } from './crd-schema-shape.ts'
import { structuralErrors } from './structural-rules.ts'

/** The checks of one version's `openAPIV3Schema`, in the server's order: forbidden keywords and extensions, structure, defaults. */
export function schemaErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = []
  shapeErrors(schema, path, errors)
  if (errors.length > 0) return errors
  if (schema.nullable) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  keywords(schema, path, errors)
  // A schema with keywords that no structural schema can have is judged by those alone.
  if (errors.some(error => isForeign(error, path))) return errors
  ruleErrors(schema, path, errors)
  const structural = structuralErrors(schema, path)
  if (structural.length > 0) return [...errors, ...structural]
  return [...errors, ...defaultErrors(schema, path)]
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Keywords of JSON schema that definitions may not use. */
const unsupported: readonly [string, string][] = [
  ['id', 'id is not supported'],
  ['additionalItems', 'additionalItems is not supported'],
  ['patternProperties', 'patternProperties is not supported'],
  ['definitions', 'definitions is not supported'],
  ['dependencies', 'dependencies is not supported'],
  ['$ref', '$ref is not supported'],
]

function isForeign(error: FieldError, path: string): boolean {
  const keyword = error.field.slice(path.length).replace(/^.*\./, '')
  return unsupported.some(([name]) => name === keyword) || error.detail === itemsList
}

const itemsList = 'items must be a schema object and not an array'

function keywords(schema: Schema, path: string, errors: FieldError[]): void {
  const raw = schema as unknown as Record<string, unknown>
  if (schema.uniqueItems) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    errors.push(forbidden(`${path}.uniqueItems`, why))
  }
  if (schema.additionalProperties === false) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'))
  } else if (schema.additionalProperties !== undefined && Object.keys(schema.properties ?? {}).length > 0) {
    errors.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
  }
  for (const [keyword, why] of unsupported) {
    if (raw[keyword] !== undefined && raw[keyword] !== '') errors.push(forbidden(`${path}.${keyword}`, why))
  }
  const type = raw['type']
  if (type === 'null') {
    errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'))
  } else if (type !== undefined && type !== '' && !types.includes(String(type))) {
    errors.push(notSupported(`${path}.type`, type, types))
  }
  if (Array.isArray(raw['items'])) {
    errors.push(forbidden(`${path}.items`, itemsList))
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  }
  mapType(schema, path, errors)
  listType(schema, path, errors)
  const below = (part: unknown, at: string): void => {
    if (isObject(part)) keywords(part as Schema, at, errors)
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) below(property, `${path}.properties[${name}]`)
  below(schema.additionalProperties, `${path}.additionalProperties`)
  below(schema.not, `${path}.not`)
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, part] of (schema[junctor] ?? []).entries()) below(part, `${path}.${junctor}[${i}]`)
  }
  if (!Array.isArray(raw['items'])) below(schema.items, `${path}.items`)
}

function mapType(schema: Schema, path: string, errors: FieldError[]): void {
  const mapType = schema['x-kubernetes-map-type'] as string | undefined
  if (mapType === undefined) return
  const rule = 'must be object if x-kubernetes-map-type is specified'
  if (schema.type === undefined) errors.push(required(`${path}.type`, rule))
  else if (schema.type !== 'object') errors.push(invalid(`${path}.type`, schema.type, rule))
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  }
}

function listType(schema: Schema, path: string, errors: FieldError[]): void {
  const listType = schema['x-kubernetes-list-type'] as string | undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (listType !== undefined && schema.type !== 'array') {
    const rule = 'must be array if x-kubernetes-list-type is specified'
    errors.push(schema.type === undefined ? required(`${path}.type`, rule) : invalid(`${path}.type`, schema.type, rule))
  } else if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']))
  }
  if (keys.length > 0 && listType !== 'map') {
    const rule = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const at = `${path}.x-kubernetes-list-type`
    errors.push(listType === undefined ? required(at, rule) : invalid(at, listType, rule))
  }
  const { items } = schema
  if (listType === 'set' && items !== undefined) setItems(items, path, errors)
  if (listType !== 'map') return
  if (keys.length === 0) {
    const rule = 'must not be empty if x-kubernetes-list-type is map'
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, rule))
  }
  if (items === undefined) {
    errors.push(required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map'))
    return
  }
  if (items.type !== 'object') {
    const rule = "must be object if parent array's x-kubernetes-list-type is map"
    errors.push(invalid(`${path}.items.type`, items.type ?? '', rule))
  }
  keys.forEach((key, i) => {
    const at = `${path}.x-kubernetes-list-map-keys[${i}]`
    if (keys.indexOf(key) < i) errors.push(duplicate(at, key))
    const property = items.properties?.[key]
    if (property === undefined) errors.push(invalid(at, key, 'entries must all be names of item properties'))
    else keyProperty(property, items, key, path, errors)
  })
}

function keyProperty(property: Schema, items: Schema, key: string, path: string, errors: FieldError[]): void {
  const at = `${path}.items.properties[${key}]`
  if (property.type === 'array' || property.type === 'object') {
    const rule = "must be a scalar type if parent array's x-kubernetes-list-type is map"
    errors.push(invalid(`${at}.type`, property.type, rule))
  }
  if (property.nullable) {
    const rule = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'
    errors.push(forbidden(`${at}.nullable`, rule))
  }
  if (property.default === undefined && !items.required?.includes(key)) {
    const rule = 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'
    errors.push(required(`${at}.default`, rule))
  }
}

function setItems(items: Schema, path: string, errors: FieldError[]): void {
  if (items.nullable) {
    errors.push(forbidden(`${path}.items.nullable`, 'cannot be nullable when x-kubernetes-list-type is set'))
  }
  const rule = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const mapType = items['x-kubernetes-map-type']
  if (items.type === 'object' && mapType !== 'atomic') {
    const at = `${path}.items.x-kubernetes-map-type`
    errors.push(mapType === undefined ? required(at, rule) : invalid(at, mapType, rule))
  }
  const inner = items['x-kubernetes-list-type']
  if (items.type === 'array' && inner !== undefined && inner !== 'atomic') {
    errors.push(invalid(`${path}.items.x-kubernetes-list-type`, inner, rule))
  }
}
