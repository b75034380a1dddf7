import { Failure } from './failure.ts'

/** A value that SOPS seals: numbers of YAML and JSON are integers (bigint) or floats. */
export type Scalar = string | bigint | number | boolean | Buffer

/**
 * One value of a file, in the order of the file, with the keys that lead to it; places in lists are no part of the path.
 * A comment has the path of the mapping or list that it stands in.
 */
export interface Leaf {
  readonly path: readonly string[]
  readonly value: Scalar
  readonly comment: boolean
  set(value: Scalar): void
}

/** What is sealed, by the keys on the way to a value. At most one rule is set. */
export interface Rules {
  readonly unencryptedSuffix?: string | undefined
  readonly encryptedSuffix?: string | undefined
  readonly unencryptedRegex?: string | undefined
  readonly encryptedRegex?: string | undefined
}

/** SOPS's own rule when nothing else is said. */
export const defaultUnencryptedSuffix = '_unencrypted'

/** Decides for a path whether its value is sealed. @throws Failure for a pattern that cannot be read */
export function sealsPath(rules: Rules): (path: readonly string[]) => boolean {
  const { unencryptedSuffix, encryptedSuffix, unencryptedRegex, encryptedRegex } = rules
  if (encryptedRegex) {
    const pattern = readPattern(encryptedRegex)
    return path => path.some(key => pattern.test(key))
  }
  if (unencryptedRegex) {
    const pattern = readPattern(unencryptedRegex)
    return path => !path.some(key => pattern.test(key))
  }
  if (encryptedSuffix) return path => path.some(key => key.endsWith(encryptedSuffix))
  const suffix = unencryptedSuffix || defaultUnencryptedSuffix
  return path => !path.some(key => key.endsWith(suffix))
}

function readPattern(source: string): RegExp {
  const flags = source.startsWith('(?i)') ? 'iu' : 'u'
  try {
    if (source.length > 4096) throw new Error('too long')
    return new RegExp(source.replace(/^\(\?i\)/, ''), flags)
  } catch {
    throw new Failure('E_SOPS_FORMAT', { expected: 'a regular expression', seen: JSON.stringify(source.slice(0, 200)) })
  }
}

/** The bytes of a value as SOPS seals and digests them. */
export function bytesOf(value: Scalar): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (typeof value === 'boolean') return Buffer.from(value ? 'True' : 'False')
  if (typeof value === 'number') return Buffer.from(plainDecimal(value))
  return Buffer.from(String(value))
}

/** Go's `FormatFloat(v, 'f', -1, 64)`: the shortest digits, never an exponent. */
function plainDecimal(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return Object.is(value, -0) ? '-0' : text
  const [, sign, whole = '', fraction = '', exponent] = match
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0')}`
}
