import type { FieldError } from '../field-error.ts'
import { invalid, tooLong } from '../field-errors.ts'
import type { Schema } from '../schema/types.ts'
import { compileGoRegExp } from './go-regexp.ts'

/** Checks a text; appends at most one error, as the server does. */
export type StringCheck = (value: string, path: string, errors: FieldError[]) => void

/** The check of lengths and pattern, or undefined when the schema sets none. */
export function stringChecker(schema: Schema): StringCheck | undefined {
  const { minLength, maxLength, pattern } = schema
  if (minLength === undefined && maxLength === undefined && !pattern) return undefined
  const expression = pattern ? compileGoRegExp(pattern) : undefined
  return (value, path, errors) => {
    if (maxLength !== undefined && value.length > maxLength && characters(value) > maxLength) {
      errors.push(tooLong(path, maxLength))
    } else if (minLength !== undefined && (value.length < minLength || characters(value) < minLength)) {
      errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`))
    } else if (typeof expression === 'string') {
      errors.push(
        invalid(path, value, `${path} in body should match '${pattern}', but pattern is invalid: ${expression}`),
      )
    } else if (expression !== undefined && !expression.test(value)) {
      errors.push(invalid(path, value, `${path} in body should match '${pattern}'`))
    }
  }
}

/** Lengths count Unicode characters, not UTF-16 units. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
