import { isObject } from '../base/json.ts'
import type { FieldError } from '../kube/field-error.ts'
import type { Schema } from '../kube/schema/types.ts'

/** What the API server's schema validation would say. */
export function checkSchema(schema: Schema, value: unknown, field = ''): FieldError[] {
  const errors: FieldError[] = []
  const wrong = (expected: string): FieldError[] => [
    {
      type: 'FieldValueTypeInvalid',
      field,
      value,
      detail: `${field} in body must be of type ${expected}: "${kindOf(value)}"`,
    },
  ]
  if (schema['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value) ? [] : wrong('integer or string')
  }
  const at = (key: string) => (field === '' ? key : `${field}.${key}`)
  if (schema.type === 'object') {
    if (!isObject(value)) return wrong('object')
    for (const key of schema.required ?? []) {
      if (value[key] === undefined) errors.push({ type: 'FieldValueRequired', field: at(key), detail: 'Required value' })
    }
    for (const [key, item] of Object.entries(value)) {
      const child = schema.properties?.[key] ?? schema.additionalProperties
      if (isObject(child) && item !== undefined) errors.push(...checkSchema(child as Schema, item, at(key)))
    }
    return errors
  }
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return wrong('array')
    const items = schema.items
    if (items) value.forEach((item, i) => errors.push(...checkSchema(items, item, `${field}[${i}]`)))
    return errors
  }
  if (schema.type === 'string' && typeof value !== 'string') return wrong('string')
  if (schema.type === 'boolean' && typeof value !== 'boolean') return wrong('boolean')
  if (schema.type === 'integer' && !Number.isInteger(value)) return wrong('integer')
  if (schema.enum !== undefined && !schema.enum.includes(value as never)) {
    errors.push({
      type: 'FieldValueNotSupported',
      field,
      value,
      detail: `supported values: ${schema.enum.map(item => JSON.stringify(item)).join(', ')}`,
    })
  }
  if (schema.pattern !== undefined && typeof value === 'string' && !new RegExp(schema.pattern).test(value)) {
    errors.push({
      type: 'FieldValueInvalid',
      field,
      value,
      detail: `${field} in body should match '${schema.pattern}'`,
    })
  }
  return errors
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
