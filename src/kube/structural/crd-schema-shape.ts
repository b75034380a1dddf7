import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { typeInvalid } from '../field-errors.ts'
import { jsonType } from './type.ts'

/** What the keywords of a schema may hold; keywords that are not here are not read. */
const shapes: Readonly<
  Record<string, 'string' | 'number' | 'boolean' | 'strings' | 'schema' | 'schemas' | 'map' | 'list'>
> = {
  type: 'string',
  format: 'string',
  title: 'string',
  description: 'string',
  pattern: 'string',
  'x-kubernetes-list-type': 'string',
  'x-kubernetes-map-type': 'string',
  minLength: 'number',
  maxLength: 'number',
  minimum: 'number',
  maximum: 'number',
  multipleOf: 'number',
  minItems: 'number',
  maxItems: 'number',
  minProperties: 'number',
  maxProperties: 'number',
  nullable: 'boolean',
  uniqueItems: 'boolean',
  exclusiveMinimum: 'boolean',
  exclusiveMaximum: 'boolean',
  'x-kubernetes-preserve-unknown-fields': 'boolean',
  'x-kubernetes-int-or-string': 'boolean',
  'x-kubernetes-embedded-resource': 'boolean',
  required: 'strings',
  'x-kubernetes-list-map-keys': 'strings',
  enum: 'list',
  'x-kubernetes-validations': 'list',
  not: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  properties: 'map',
}

/**
 * Appends an error for each keyword of a schema that does not hold what it must. A real server does not get that far: it
 * cannot read such a definition and answers 400. Everything else here relies on the shape.
 */
export function shapeErrors(schema: unknown, path: string, errors: FieldError[]): void {
  const wrong = (at: string, value: unknown, expected: string): void => {
    const seen = jsonType(value)
    errors.push(typeInvalid(at, seen, `must be of type ${expected}: ${JSON.stringify(seen)}`))
  }
  if (!isObject(schema)) {
    wrong(path, schema, 'object')
    return
  }
  for (const [keyword, shape] of Object.entries(shapes)) {
    const value = schema[keyword]
    const at = `${path}.${keyword}`
    if (value === undefined) continue
    if (shape === 'schema') shapeErrors(value, at, errors)
    else if (shape === 'map') {
      if (!isObject(value)) wrong(at, value, 'object')
      else for (const [name, property] of Object.entries(value)) shapeErrors(property, `${at}[${name}]`, errors)
    } else if (shape === 'string' || shape === 'number' || shape === 'boolean') {
      if (typeof value !== shape) wrong(at, value, shape)
    } else if (!Array.isArray(value)) wrong(at, value, 'array')
    else if (shape === 'strings' && !value.every(item => typeof item === 'string')) wrong(at, value, '[]string')
    else if (shape === 'schemas') for (const [i, part] of value.entries()) shapeErrors(part, `${at}[${i}]`, errors)
    else if (keyword === 'x-kubernetes-validations') ruleShapes(value, at, wrong)
  }
  const { items, additionalProperties } = schema
  // A list of schemas is refused with words of its own.
  if (items !== undefined && !Array.isArray(items)) shapeErrors(items, `${path}.items`, errors)
  if (additionalProperties !== undefined && typeof additionalProperties !== 'boolean') {
    shapeErrors(additionalProperties, `${path}.additionalProperties`, errors)
  }
}

function ruleShapes(
  rules: readonly unknown[],
  path: string,
  wrong: (at: string, value: unknown, expected: string) => void,
): void {
  for (const [i, rule] of rules.entries()) {
    if (!isObject(rule)) {
      wrong(`${path}[${i}]`, rule, 'object')
      continue
    }
    for (const field of ['rule', 'message', 'messageExpression', 'reason', 'fieldPath']) {
      const value = rule[field]
      if (value !== undefined && typeof value !== 'string') wrong(`${path}[${i}].${field}`, value, 'string')
    }
  }
}
