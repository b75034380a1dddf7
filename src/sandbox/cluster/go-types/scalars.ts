import { isObject } from '../../../base/json.ts'
import type { Scalar } from './go-type.ts'
import { canonicalQuantity } from './quantity.ts'

/** Why a value cannot be read, in the words of Go's decoder; `mismatch`: it is of another JSON type. */
export class ScalarError {
  readonly text: string | undefined
  constructor(text?: string) {
    this.text = text
  }
}

const mismatch = new ScalarError()
const quantityRule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const maxInt32 = 2 ** 31

/** The value of a scalar as Go writes it back, or why it cannot be read. Null is no value. */
export function readScalar(scalar: Scalar, value: unknown): unknown {
  switch (scalar) {
    case 's':
      return typeof value === 'string' ? value : mismatch
    case 'b':
      return typeof value === 'boolean' ? value : mismatch
    case 'i':
      return typeof value === 'number' && Number.isInteger(value) && value < maxInt32 && value >= -maxInt32
        ? value
        : mismatch
    case 'l':
    case 'y':
      return typeof value === 'number' && Number.isInteger(value) ? value : mismatch
    case 'd':
      return typeof value === 'number' ? value : mismatch
    case 'B':
      return typeof value === 'string' ? readBytes(value) : mismatch
    case 'T':
      return typeof value === 'string' ? readTime(value, 'Z07:00', '') : new ScalarError(wrongType(value))
    case 'M':
      return typeof value === 'string' ? readTime(value, '.000000Z07:00', 'micro') : new ScalarError(wrongType(value))
    case 'Q':
      if (typeof value !== 'string' && typeof value !== 'number') return new ScalarError(quantityRule)
      return canonicalQuantity(String(value).trim()) ?? new ScalarError(quantityRule)
    case 'I':
      if (typeof value === 'string') return value
      return typeof value === 'number' && Number.isInteger(value) ? value : mismatch
    case 'F':
    case 'R':
      return isObject(value) ? value : mismatch
    case 'D':
      return typeof value === 'string' ? value : mismatch
    case 'J':
      return value
  }
}

/** Whether Go's `omitempty` leaves a scalar out. */
export function isZero(scalar: Scalar, value: unknown): boolean {
  if (scalar === 'Q' || scalar === 'I' || scalar === 'R') return false
  return value === '' || value === 0 || value === false || value === undefined
}

/** What stands for an absent scalar that is never left out; undefined where nothing does. */
export function zeroOf(scalar: Scalar): unknown {
  switch (scalar) {
    case 's':
      return ''
    case 'b':
      return false
    case 'i':
    case 'l':
    case 'd':
    case 'y':
      return 0
    case 'T':
    case 'M':
      return null
    default:
      return undefined
  }
}

function wrongType(value: unknown): string {
  return `json: cannot unmarshal ${goJsonType(value)} into Go value of type string`
}

/** The name of a JSON value in Go's messages. */
export function goJsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

function readBytes(text: string): unknown {
  const clean = text.replace(/[\r\n]/g, '')
  const bad = clean.search(/[^A-Za-z0-9+/=]/)
  const padding = clean.indexOf('=')
  if (bad >= 0) return new ScalarError(`illegal base64 data at input byte ${bad}`)
  if (clean.length % 4 !== 0)
    return new ScalarError(`illegal base64 data at input byte ${clean.length - (clean.length % 4)}`)
  if (padding >= 0 && !/^={1,2}$/.test(clean.slice(padding)))
    return new ScalarError(`illegal base64 data at input byte ${padding}`)
  return clean
}

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/

function readTime(text: string, layout: string, precision: '' | 'micro'): unknown {
  const match = rfc3339.exec(text)
  const ms = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN
  if (!match || Number.isNaN(ms) || (precision === 'micro' && match[2]?.length !== 7)) {
    const rest = match ? (match[3] ?? '') : text
    const wanted = match ? '.000000' : '2006'
    return new ScalarError(
      `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05${layout}": cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(wanted)}`,
    )
  }
  return `${new Date(ms).toISOString().slice(0, 19)}${precision === 'micro' ? match[2] : ''}Z`
}
