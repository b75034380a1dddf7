import type { FieldError } from './field-error.ts'
import { goQuote } from './go-format.ts'

/** Makers of field errors, one for each of apimachinery's `field.…` functions, with its wording. */

/** Something required is absent. */
export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, detail }
}

/** A value that breaks a rule. */
export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value, detail }
}

/** A value of another type than the schema's. */
export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueTypeInvalid', field, value, detail }
}

/** A value outside an enumeration. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`
  return { type: 'FieldValueNotSupported', field, value, detail }
}

/** A value that must not be there now. */
export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, detail }
}

/** A value that is there twice. */
export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, value, detail: '' }
}

/** A reference to something that is not there. */
export function notFound(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, value, detail: '' }
}

/** A text of more than `max` bytes. */
export function tooLong(field: string, max: number): FieldError {
  return { type: 'FieldValueTooLong', field, detail: `may not be more than ${max} bytes` }
}

/** A list or map of `actual` entries where `max` are allowed. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  return {
    type: 'FieldValueTooMany',
    field,
    value: actual,
    detail: `must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
  }
}

/** The text of changes to fields that are fixed at creation. */
export const immutable = 'field is immutable'
