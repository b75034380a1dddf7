import type { Scalar, Tag } from './node.ts'

/**
 * What a plain scalar is, by the rules of go-yaml v3: YAML 1.2's core schema, and of 1.1 the octals `0644`, the
 * underscores `1_000`, binaries `0b1`, timestamps and the merge key. `yes`, `on` and `y` are strings.
 */
export function resolvePlain(value: string): Tag {
  if (value === '') return 'null'
  const first = value.charCodeAt(0)
  // Digits, signs and dots may start numbers; other letters only start the few words below.
  if (first >= 0x30 && first <= 0x39) return resolveNumber(value)
  switch (first) {
    case 0x2b: // +
    case 0x2d: // -
      return words.get(value) ?? resolveNumber(value)
    case 0x2e: // .
      return words.get(value) ?? (dotFloat.test(value) ? 'float' : 'str')
    case 0x3c: // <
    case 0x74: // t
    case 0x54: // T
    case 0x66: // f
    case 0x46: // F
    case 0x6e: // n
    case 0x4e: // N
    case 0x7e: // ~
      return words.get(value) ?? 'str'
    default:
      return 'str'
  }
}

const words = new Map<string, Tag>([
  ...['true', 'True', 'TRUE', 'false', 'False', 'FALSE'].map(w => [w, 'bool'] as const),
  ...['~', 'null', 'Null', 'NULL'].map(w => [w, 'null'] as const),
  ...['.nan', '.NaN', '.NAN'].map(w => [w, 'float'] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'].map(w => [w, 'float'] as const),
  ['<<', 'merge'],
])

/** Go's ParseFloat: an underscore may stand between two digits. */
const dotFloat = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/
const yamlFloat = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const date = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ]|$)/

function resolveNumber(value: string): Tag {
  if (date.test(value) && timestampOf(value) !== undefined) return 'timestamp'
  const plain = value.includes('_') ? value.replaceAll('_', '') : value
  if (intOf(plain) !== undefined) return 'int'
  return yamlFloat.test(plain) && Number.isFinite(Number(plain)) ? 'float' : 'str'
}

const maxUint = 18446744073709551615n
const minInt = -9223372036854775808n
const intShape = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/

/** The integer that a text is for Go's `ParseInt(text, 0, 64)`, or `ParseUint`; undefined when it is none. */
export function intOf(plain: string): bigint | undefined {
  // The common case: few decimal digits.
  const match = intShape.exec(plain)
  if (match === null) return undefined
  const digits = match[2]!
  const magnitude = /^0[0-7]/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits.toLowerCase())
  const value = match[1] === '-' ? -magnitude : magnitude
  // ParseUint takes no sign, so a signed number must fit an int64.
  if (value < minInt || value > maxUint || (match[1] === '+' && value > 9223372036854775807n)) return undefined
  return value
}

const timestampShape =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?$/

/** The RFC 3339 text that Go's JSON encoder writes for a YAML timestamp; undefined when the text is none. */
export function timestampOf(value: string): string | undefined {
  const m = timestampShape.exec(value)
  if (m === null) return undefined
  const [, year, month, day, mark, hour, minute, second, fraction, zone] = m
  // Go's layouts: with `T` a zone is required, with a space none is allowed.
  if (mark !== undefined && (mark === ' ') !== (zone === undefined)) return undefined
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > days) return undefined
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 59) return undefined
  const two = (part: string | undefined): string => (part ?? '0').padStart(2, '0')
  const nanos = (fraction ?? '').slice(0, 9).replace(/0+$/, '')
  const offset = zone === undefined || zone === '+00:00' || zone === '-00:00' ? 'Z' : zone
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${nanos === '' ? '' : `.${nanos}`}${offset}`
}

const words11 = new Set('y Y yes Yes YES on On ON n N no No NO off Off OFF true True TRUE false False FALSE'.split(' '))

/** Whether go-yaml v2 (YAML 1.1) reads a plain scalar as a bool. */
export function isBool11(value: string): boolean {
  return words11.has(value)
}

/** The bool of a 1.1 word. */
export function boolOf11(value: string): boolean {
  return /^(y|yes|on|true)$/i.test(value)
}

/** YAML 1.1's base 60 numbers (`12:30:45`): go-yaml no longer reads them but still quotes them. */
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** Whether go-yaml v2 must quote a string so that it stays one. */
export function needsQuotes(value: string): boolean {
  if (value === '') return true
  if (words11.has(value)) return true
  const tag = resolvePlain(value)
  if (tag !== 'str') return tag !== 'merge'
  const first = value.charCodeAt(0)
  const numeric = first === 0x2b || first === 0x2d || first === 0x2e || (first >= 0x30 && first <= 0x39)
  return numeric && base60.test(value)
}

/** The boolean of a scalar with tag `bool`. */
export function boolOf(scalar: Scalar): boolean {
  return scalar.value === 'true' || scalar.value === 'True' || scalar.value === 'TRUE' || boolOf11(scalar.value)
}

/** The number of a scalar with tag `float`; infinite and NaN included. */
export function floatOf(scalar: Scalar): number {
  const plain = scalar.value.replaceAll('_', '')
  switch (plain.toLowerCase()) {
    case '.nan':
      return Number.NaN
    case '.inf':
    case '+.inf':
      return Number.POSITIVE_INFINITY
    case '-.inf':
      return Number.NEGATIVE_INFINITY
    default:
      return Number(plain)
  }
}
