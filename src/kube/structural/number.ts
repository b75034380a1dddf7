import type { FieldError } from '../field-error.ts'
import { invalid } from '../field-errors.ts'
import { goNumber } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'
import { keptFormat } from './type.ts'

/** Checks a number; returns how many checks passed. */
export type NumberCheck = (value: number, path: string, errors: FieldError[]) => number

const int32 = { least: -(2 ** 31), most: 2 ** 31 - 1 }

/** The check of ranges, bounds and multiples, or undefined when the schema sets none. */
export function numberChecker(schema: Schema): NumberCheck | undefined {
  const { minimum, maximum, multipleOf, exclusiveMinimum, exclusiveMaximum } = schema
  const integer = schema.type === 'integer' || schema['x-kubernetes-int-or-string'] === true
  const format = keptFormat(schema)
  if (!integer && minimum === undefined && maximum === undefined && multipleOf === undefined && format !== 'float') {
    return undefined
  }
  const described = format === undefined ? '(default format)' : `with format ${format}`
  return (value, path, errors) => {
    if (!inRange(value, integer, format)) {
      const type = integer ? 'integer' : 'number'
      // The server has no place for this error but the root: it reports it without a field.
      errors.push(invalid('', '', `Checked value must be of type ${type} ${described} in ${path}`))
    }
    if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
      errors.push(invalid(path, value, `${path} in body should be a multiple of ${goNumber(multipleOf)}`))
    }
    if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
      const rule = exclusiveMaximum ? 'less than' : 'less than or equal to'
      errors.push(invalid(path, value, `${path} in body should be ${rule} ${goNumber(maximum)}`))
    }
    if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
      const rule = exclusiveMinimum ? 'greater than' : 'greater than or equal to'
      errors.push(invalid(path, value, `${path} in body should be ${rule} ${goNumber(minimum)}`))
    }
    return 1
  }
}

function inRange(value: number, integer: boolean, format: string | undefined): boolean {
  if (integer) {
    if (!Number.isInteger(value)) return false
    return format === 'int32' ? value >= int32.least && value <= int32.most : Math.abs(value) <= 2 ** 63
  }
  return format !== 'float' || Math.abs(value) <= 3.4028234663852886e38
}

function isMultiple(value: number, of: number): boolean {
  const times = value / of
  return Math.abs(times - Math.round(times)) < 1e-9
}
