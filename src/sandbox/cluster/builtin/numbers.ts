import type { FieldError } from '../../../kube/field-error.ts'
import { invalid } from '../../../kube/field-errors.ts'
import { goQuote } from '../../../kube/go-format.ts'
import { type Fields, number } from './fields.ts'

/** The text of numbers that must not be negative. */
export const notNegative = 'must be greater than or equal to 0'

/** Appends an error for each of the fields that is a negative number. */
export function nonNegative(object: Fields | undefined, fields: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of fields) {
    const value = number(object, field)
    if (value !== undefined && value < 0) errors.push(invalid(`${path}.${field}`, value, notNegative))
  }
  return errors
}

/** The rules of a number or a percentage, like `maxSurge`. */
export function intOrPercent(value: unknown, path: string): FieldError[] {
  if (typeof value === 'string') {
    const rule =
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
    return /^[0-9]+%$/.test(value) ? [] : [invalid(path, value, rule)]
  }
  if (typeof value === 'number') return value < 0 ? [invalid(path, value, notNegative)] : []
  return value === undefined || value === null
    ? []
    : [invalid(path, value, `must be an integer or percentage (e.g '5%')`)]
}

/** What a number or a percentage comes to, as the server compares it: the figure without its `%`. */
export function figure(value: unknown): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? Number.parseInt(value, 10) || 0 : 0
}

/** Whether a percentage is above a hundred. */
export function aboveHundred(value: unknown, path: string): FieldError[] {
  const over = typeof value === 'string' && /^[0-9]+%$/.test(value) && figure(value) > 100
  return over ? [invalid(path, value, 'must not be greater than 100%')] : []
}

/** A list of texts as Go's `%q` writes a slice. */
export function quotedList(list: readonly string[]): string {
  return list.map(goQuote).join(', ')
}
