import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { invalid, notSupported, required } from '../field-errors.ts'
import { parseJsonPath } from '../json-path/index.ts'

const types = ['boolean', 'date', 'integer', 'number', 'string']
const formats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

/** Appends what is wrong with `additionalPrinterColumns`. */
export function columnErrors(columns: readonly unknown[], path: string, errors: FieldError[]): void {
  columns.forEach((column, i) => {
    const at = `${path}[${i}]`
    if (!isObject(column)) return
    const { name, type, format, jsonPath } = column
    if (!name) errors.push(required(`${at}.name`))
    if (!type) errors.push(required(`${at}.type`, `must be one of ${types.join(',')}`))
    else if (!types.includes(String(type))) errors.push(notSupported(`${at}.type`, type, types))
    if (format && !formats.includes(String(format))) errors.push(notSupported(`${at}.format`, format, formats))
    if (!jsonPath) {
      errors.push(required(`${at}.jsonPath`))
      return
    }
    const parsed = parseJsonPath(String(jsonPath))
    if ('problem' in parsed) errors.push(invalid(`${at}.jsonPath`, jsonPath, parsed.problem))
  })
}
