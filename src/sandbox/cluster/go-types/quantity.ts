import { parseQuantity } from '../../../kube/structural/index.ts'

const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const decimal = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const nano = 1_000_000_000n

/**
 * A quantity in the form that Kubernetes writes back: the largest suffix without a fraction (`0.5` → `500m`,
 * `1024Mi` → `1Gi`). Undefined when the text is none. Contract: apimachinery `Quantity.CanonicalizeBytes`.
 */
export function canonicalQuantity(text: string): string | undefined {
  const value = parseQuantity(text)
  if (value === undefined) return undefined
  if (value === 0n) return '0'
  if (/i$/.test(text)) {
    const whole = (value + nano - 1n) / nano
    if (whole >= 1024n || whole <= -1024n) return scaled(whole, 1024n, binary, 0)
  }
  const exponent = /[eE][+-]?\d+$/.test(text)
  return scaled(value, 1000n, exponent ? decimal.map((_, i) => (i === 3 ? '' : `e${(i - 3) * 3}`)) : decimal, 0)
}

function scaled(value: bigint, step: bigint, suffixes: readonly string[], from: number): string {
  let rest = value
  let at = from
  while (at < suffixes.length - 1 && rest % step === 0n) {
    rest /= step
    at++
  }
  return `${rest}${suffixes[at]}`
}
