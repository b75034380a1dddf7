import { isObject, jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { formatFieldError } from '../field-error-format.ts'
import { forbidden, invalid, required } from '../field-errors.ts'
import { byCodePoint } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { compileGoRegExp } from './go-regexp.ts'

type Level = 'root' | 'item' | 'field'

/**
 * Whether a schema is structural (KEP-1259): every field has a type, and what stands under allOf, anyOf, oneOf and not only
 * restricts fields that are specified outside of them. Errors are sorted by their text, as the server sorts them.
 */
export function structuralErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = []
  invariants(schema, 'root', path, errors)
  restrictions(schema, schema, path, path, errors)
  return errors.sort((a, b) => byCodePoint(formatFieldError(a), formatFieldError(b)))
}

const emptyType: Record<Level, string> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function invariants(schema: Schema, level: Level, path: string, errors: FieldError[]): void {
  const { type, items, properties, additionalProperties: additional } = schema
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true
  const intOrString = schema['x-kubernetes-int-or-string'] === true
  if (type === 'array' && items === undefined) errors.push(required(`${path}.items`, 'must be specified'))
  if (items !== undefined) invariants(items, 'item', `${path}.items`, errors)
  for (const [name, property] of Object.entries(properties ?? {})) {
    invariants(property, 'field', `${path}.properties[${name}]`, errors)
  }
  if (additional !== undefined) {
    if (level === 'root') errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
    if (isObject(additional)) invariants(additional as Schema, 'field', `${path}.additionalProperties`, errors)
  }
  const notWithIntOrString = 'must be false if x-kubernetes-int-or-string is true'
  if (intOrString && preserves) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, true, notWithIntOrString))
  }
  if (intOrString && embedded) {
    errors.push(invalid(`${path}.x-kubernetes-embedded-resource`, true, notWithIntOrString))
  }
  junctors(schema, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf), path, errors)
  if (embedded && type !== 'object') {
    const rule = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === undefined ? required(`${path}.type`, rule) : invalid(`${path}.type`, type, rule))
  } else if (!type && !intOrString && !preserves) errors.push(required(`${path}.type`, emptyType[level]))
  if (embedded && additional !== undefined) {
    const rule = 'must not be used if x-kubernetes-embedded-resource is set'
    errors.push(forbidden(`${path}.additionalProperties`, rule))
  }
  if (level === 'root' && type && type !== 'object') {
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'))
  }
  metadataInvariants(schema, level, embedded, path, errors)
  if (embedded && !preserves && Object.keys(properties ?? {}).length === 0) {
    const rule =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(required(`${path}.properties`, rule))
  }
}

function metadataInvariants(schema: Schema, level: Level, embedded: boolean, path: string, errors: FieldError[]): void {
  if (level !== 'root' && !embedded) return
  for (const name of ['kind', 'apiVersion']) {
    const property = schema.properties?.[name]
    if (property !== undefined && property.type !== 'string') {
      errors.push(invalid(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'))
    }
  }
  const metadata = schema.properties?.['metadata']
  if (metadata === undefined) return
  const at = `${path}.properties[metadata]`
  if (metadata.type !== 'object') errors.push(invalid(`${at}.type`, metadata.type ?? '', 'must be object'))
  if (level !== 'root') return
  const { type: _, default: __, properties, description: ___, ...rest } = metadata
  const names = Object.keys(properties ?? {})
  if (names.some(name => name !== 'name' && name !== 'generateName') || Object.keys(rest).length > 0) {
    const rule = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    errors.push(forbidden(at, rule))
  }
}

/** The one use of types under anyOf that is allowed: integer or string. */
function isIntOrString(anyOf: readonly Schema[] | undefined): boolean {
  return anyOf !== undefined && jsonEqual(anyOf, [{ type: 'integer' }, { type: 'string' }])
}

function junctors(schema: Schema, skipAnyOf: boolean, skipFirst: boolean, path: string, errors: FieldError[]): void {
  if (!skipAnyOf)
    for (const [i, part] of (schema.anyOf ?? []).entries()) nested(part, false, `${path}.anyOf[${i}]`, errors)
  for (const [i, part] of (schema.allOf ?? []).entries())
    nested(part, skipFirst && i === 0, `${path}.allOf[${i}]`, errors)
  for (const [i, part] of (schema.oneOf ?? []).entries()) nested(part, false, `${path}.oneOf[${i}]`, errors)
  if (schema.not !== undefined) nested(schema.not, false, `${path}.not`, errors)
  if (schema.pattern) {
    const compiled = compileGoRegExp(schema.pattern)
    if (typeof compiled === 'string') {
      const rule = `must be a valid regular expression, but isn't: ${compiled}`
      errors.push(invalid(`${path}.pattern`, schema.pattern, rule))
    }
  }
}

const mustBe: readonly [keyof Schema, string][] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

function nested(schema: Schema, skipAnyOf: boolean, path: string, errors: FieldError[]): void {
  junctors(schema, skipAnyOf, false, path, errors)
  if (schema.items !== undefined) nested(schema.items, false, `${path}.items`, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    nested(property, false, `${path}.properties[${name}]`, errors)
  }
  for (const [field, rule] of mustBe) {
    const value = schema[field]
    const empty = value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0)
    if (!empty) errors.push(forbidden(`${path}.${field}`, rule))
  }
  if (schema.properties?.['metadata'] !== undefined) {
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'))
  }
}

/**
 * Every field and item that is restricted under a junctor must be specified in the schema itself. The server asks this of
 * the junctors at the root only.
 *
 * @param path where the specifying schema stands.
 * @param at where the restricting one does.
 */
function restrictions(part: Schema, spine: Schema, path: string, at: string, errors: FieldError[]): void {
  for (const [i, inner] of (part.allOf ?? []).entries()) specified(inner, spine, path, `${at}.allOf[${i}]`, errors)
  for (const [i, inner] of (part.anyOf ?? []).entries()) specified(inner, spine, path, `${at}.anyOf[${i}]`, errors)
  for (const [i, inner] of (part.oneOf ?? []).entries()) specified(inner, spine, path, `${at}.oneOf[${i}]`, errors)
  if (part.not !== undefined) specified(part.not, spine, path, `${at}.not`, errors)
}

function specified(part: Schema, spine: Schema, path: string, at: string, errors: FieldError[]): void {
  if (part.items !== undefined) {
    const here = `${path}.items`
    if (spine.items !== undefined) specified(part.items, spine.items, here, `${at}.items`, errors)
    else errors.push(required(here, `because it is defined in ${at}.items`))
  }
  for (const [name, property] of Object.entries(part.properties ?? {})) {
    const here = `${path}.properties[${name}]`
    const there = `${at}.properties[${name}]`
    const own = spine.properties?.[name]
    if (own !== undefined) specified(property, own, here, there, errors)
    else errors.push(required(here, `because it is defined in ${there}`))
  }
  restrictions(part, spine, path, at, errors)
}
