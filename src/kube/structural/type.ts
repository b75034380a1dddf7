import type { FieldError } from '../field-error.ts'
import { typeInvalid } from '../field-errors.ts'
import { goQuote } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { formatCheck } from './formats.ts'

/** Checks the JSON type of a value; returns 1 when it passed, 0 when an error was appended. */
export type TypeCheck = (value: unknown, path: string, errors: FieldError[]) => number

/** The check of a schema's type (and of formats where they stand for one), or undefined when it has neither. */
export function typeChecker(schema: Schema): TypeCheck | undefined {
  const types: readonly string[] = schema['x-kubernetes-int-or-string']
    ? ['integer', 'string']
    : schema.type === undefined
      ? []
      : [schema.type]
  const format = keptFormat(schema)
  if (types.length === 0 && format === undefined) return undefined
  const names = types.join(',')
  const numeric = types.includes('integer') || types.includes('number')
  const fail = (path: string, errors: FieldError[], expected: string, seen: string): number => {
    errors.push(typeInvalid(path, seen, `${path} in body must be of type ${expected}: ${goQuote(seen)}`))
    return 0
  }
  return (value, path, errors) => {
    if (value === null || value === undefined) {
      return types.length > 0 && !schema.nullable ? fail(path, errors, names, 'null') : 1
    }
    const seen = jsonType(value)
    // A whole number is an integer wherever a number is wanted; a number without a fraction is an integer.
    if (types.includes(seen) || (seen === 'integer' && types.includes('number'))) return 1
    const listOrText = seen === 'string' || seen === 'array'
    if (!listOrText && format !== undefined && goFormat(seen) !== format) {
      return fail(path, errors, format, goFormat(seen))
    }
    // A schema with a string format leaves texts and lists to the format's check.
    if (!numeric && format !== undefined && listOrText) return 1
    return types.length === 0 ? 1 : fail(path, errors, names, seen)
  }
}

/** The JSON schema type of a value. */
export function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number'
    case 'string':
      return 'string'
    case 'boolean':
      return 'boolean'
    default:
      return 'object'
  }
}

/** The format that the server takes a value of a type to have. */
function goFormat(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : ''
}

/** A schema's format, if the server knows it for the schema's type; it forgets others. */
export function keptFormat(schema: Schema): string | undefined {
  const { format, type } = schema
  if (format === undefined) return undefined
  if (type === undefined || type === 'string') return formatCheck(format) === undefined ? undefined : format
  if (type === 'integer') return format === 'int32' || format === 'int64' ? format : undefined
  if (type === 'number') return format === 'float' || format === 'double' ? format : undefined
  return undefined
}
