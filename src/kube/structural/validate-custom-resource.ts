import type { FieldError } from '../field-error.ts'
import { invalid } from '../field-errors.ts'
import type { Schema } from '../schema/types.ts'
import { validateObject } from './validate-object.ts'
import { hasRules, type RuleOptions, validateRules } from './validate-rules.ts'

const blocking: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

/**
 * Everything that the API server checks in a custom resource but its metadata: values, lists, embedded resources, then
 * the CEL rules, which are not evaluated when the object's shape is wrong.
 *
 * @param old the object before an update; undefined on a create.
 * @param earlier errors found before (metadata), which may keep the rules from being evaluated, too.
 */
export function validateCustomResource(
  schema: Schema,
  object: unknown,
  old?: unknown,
  earlier: readonly FieldError[] = [],
  options: RuleOptions = {},
): FieldError[] {
  const errors = validateObject(schema, object, old === undefined ? {} : { old })
  if (!hasRules(schema)) return errors
  if ([...earlier, ...errors].some(error => blocking.has(error.type))) {
    const why =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
    return [...errors, invalid('', null, why)]
  }
  return [...errors, ...validateRules(schema, object, old, options)]
}
