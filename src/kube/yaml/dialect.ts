import { defineScalarTag, mapTag, mergeTag, NOT_RESOLVED, Schema, seqTag, strTag } from 'js-yaml'

// The dialect of Go's Kubernetes tools (sigs.k8s.io/yaml): YAML 1.1 booleans, merge keys, C-like integers, no
// timestamps, no base-60 numbers (so that a port mapping `80:80` stays a text). The golden test holds what the real
// tools answer for each form.

const truths = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
const lies = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
const nulls = new Set(['', '~', 'null', 'Null', 'NULL'])
const specials = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/

const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/** The value that a plain (unquoted) scalar has, or undefined when it is a text. */
export function resolvePlain(source: string): boolean | number | null | undefined {
  if (nulls.has(source)) return null
  if (truths.has(source)) return true
  if (lies.has(source)) return false
  return resolveNumber(source)
}

/** Whether a plain scalar is `.inf` or `.nan`: a number in YAML that JSON has no form for. */
export function isNotJsonNumber(source: string): boolean {
  return specials.test(source)
}

function resolveNumber(source: string): number | undefined {
  const first = source.charCodeAt(0)
  // '+', '-', '.' or a digit.
  if (first !== 43 && first !== 45 && first !== 46 && (first < 48 || first > 57)) return undefined
  // Only a number that does not start with a point may hold underscores.
  const plain = first === 46 || !source.includes('_') ? source : source.replaceAll('_', '')
  if (integer.test(plain)) return parseInteger(plain)
  if (!float.test(plain)) return undefined
  const value = Number(plain)
  // JSON knows no -0.
  return Number.isFinite(value) ? value + 0 : undefined
}

function parseInteger(text: string): number | undefined {
  const negative = text.startsWith('-')
  let digits = negative || text.startsWith('+') ? text.slice(1) : text
  // A leading zero means octal.
  if (digits.length > 1 && digits.startsWith('0') && /[0-7]/.test(digits.charAt(1))) digits = `0o${digits.slice(1)}`
  const value = Number(digits)
  if (!Number.isFinite(value)) return undefined
  return negative && value !== 0 ? -value : value
}

const digits = [...'0123456789']

const nullTag = defineScalarTag<null>('tag:yaml.org,2002:null', {
  implicit: true,
  implicitFirstChars: ['', '~', 'n', 'N'],
  resolve: source => (nulls.has(source) ? null : NOT_RESOLVED),
  identify: value => value === null,
})

const boolTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: [...'yYnNtTfFoO'],
  resolve: source => (truths.has(source) ? true : lies.has(source) ? false : NOT_RESOLVED),
  identify: value => typeof value === 'boolean',
})

const numberTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: ['+', '-', '.', ...digits],
  resolve: source => {
    if (isNotJsonNumber(source)) throw new Error(`the number ${source} has no form in JSON`)
    return resolveNumber(source) ?? NOT_RESOLVED
  },
  identify: value => typeof value === 'number',
})

const intTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  resolve: source => {
    const value = resolveNumber(source)
    return value !== undefined && Number.isInteger(value) ? value : NOT_RESOLVED
  },
  identify: () => false,
})

// Go keeps the text of a timestamp for values without a Go type.
const timestampTag = defineScalarTag<string>('tag:yaml.org,2002:timestamp', {
  resolve: source => source,
  identify: () => false,
})

const binaryTag = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  resolve: source => Buffer.from(source, 'base64').toString('utf8'),
  identify: () => false,
})

const plainMapTag = {
  ...mapTag,
  addPair(carrier: unknown, key: unknown, value: unknown): string {
    if (key === null) return 'a key must not be null'
    return mapTag.addPair(carrier as never, key, value)
  },
}

/** js-yaml's schema for that dialect. */
export const kubernetesDialect = new Schema([
  strTag,
  seqTag,
  plainMapTag,
  mergeTag,
  nullTag,
  boolTag,
  numberTag,
  intTag,
  timestampTag,
  binaryTag,
])
