import { isObject } from '../../../base/json.ts'
import { parseQuantity } from '../../../kube/structural/quantity.ts'

const nano = 1_000_000_000n
const decimals: readonly [string, bigint][] = [
  ['E', 10n ** 27n],
  ['P', 10n ** 24n],
  ['T', 10n ** 21n],
  ['G', 10n ** 18n],
  ['M', 10n ** 15n],
  ['k', 10n ** 12n],
  ['', nano],
  ['m', 10n ** 6n],
  ['u', 1000n],
  ['n', 1n],
]
const binaries: readonly [string, bigint][] = [
  ['Ei', 1024n ** 6n * nano],
  ['Pi', 1024n ** 5n * nano],
  ['Ti', 1024n ** 4n * nano],
  ['Gi', 1024n ** 3n * nano],
  ['Mi', 1024n ** 2n * nano],
  ['Ki', 1024n * nano],
]

/**
 * A quantity in the one form in which the server keeps it: `0.5` is `500m`, `1024Mi` is `1Gi`, `1000m` is `1`.
 * The family of the suffix (binary, decimal, exponent) is kept; texts that are no quantity come back as they are.
 */
export function canonicalQuantity(text: string): string {
  const value = parseQuantity(text)
  if (value === undefined) return text
  if (value === 0n) return '0'
  if (/[eE][+-]?\d+$/.test(text)) return exponentForm(value)
  if (/i$/.test(text)) {
    for (const [suffix, unit] of binaries) if (value % unit === 0n) return `${value / unit}${suffix}`
    // A binary suffix with a fraction that is no whole number of bytes falls back to the decimal family.
  }
  for (const [suffix, unit] of decimals) if (value % unit === 0n) return `${value / unit}${suffix}`
  return text
}

function exponentForm(value: bigint): string {
  let exponent = -9
  let digits = value
  while (digits % 1000n === 0n) {
    digits /= 1000n
    exponent += 3
  }
  return exponent === 0 ? String(digits) : `${digits}e${exponent}`
}

/** Brings the quantities of a resource list (`requests`, `capacity`, …) into their canonical form, in place; numbers become texts. */
export function canonicalResources(list: unknown): void {
  if (!isObject(list)) return
  for (const [name, value] of Object.entries(list)) {
    if (typeof value === 'number') list[name] = canonicalQuantity(String(value))
    else if (typeof value === 'string') list[name] = canonicalQuantity(value)
  }
}
