import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { invalid } from '../field-errors.ts'
import { goJson } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { defaultObject } from './default-object.ts'
import { pruneObject } from './prune-object.ts'
import { validateObject } from './validate-object.ts'
import { validateRules } from './validate-rules.ts'

/** Every default of a schema must be a value that the schema accepts, once it has been given the defaults below it. */
export function defaultErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = []
  visit(schema, path, true, errors)
  return errors
}

function visit(schema: Schema, path: string, root: boolean, errors: FieldError[]): void {
  if (schema.default !== undefined && schema.default !== null) checkDefault(schema, path, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    // What metadata defaults to is the server's own business.
    if ((root || schema['x-kubernetes-embedded-resource']) && name === 'metadata') continue
    visit(property, `${path}.properties[${name}]`, false, errors)
  }
  if (schema.items !== undefined) visit(schema.items, `${path}.items`, false, errors)
  if (isObject(schema.additionalProperties)) {
    visit(schema.additionalProperties as Schema, `${path}.additionalProperties`, false, errors)
  }
}

function checkDefault(schema: Schema, path: string, errors: FieldError[]): void {
  const at = `${path}.default`
  const value = structuredClone(schema.default)
  const unknown = pruneObject(schema, value, { resourceRoot: schema['x-kubernetes-embedded-resource'] ?? false })
  if (unknown.length > 0) {
    errors.push(invalid(at, schema.default, `must not have unknown fields: ${unknown.join(', ')}`))
    return
  }
  defaultObject(schema, value)
  const found = validateObject(schema, value, { prefix: at })
  errors.push(...found)
  if (found.length > 0) return
  for (const error of validateRules(schema, value)) {
    errors.push({
      ...error,
      field: error.field === '' ? at : `${at}.${error.field}`,
      detail: error.detail || goJson(value),
    })
  }
}
