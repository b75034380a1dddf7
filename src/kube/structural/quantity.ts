const shape = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/

const binary: Record<string, number> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }
const decimal: Record<string, number> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }

/**
 * A Kubernetes quantity (`100m`, `1Gi`, `1e3`) as a number of 1e-9 units, or undefined when the text is not one.
 * Exact; digits below a nano are rounded up, away from zero. Contract: apimachinery's `resource.Quantity`.
 */
export function parseQuantity(text: string): bigint | undefined {
  if (text.length > 256) return undefined
  const match = shape.exec(text)
  if (match === null) return undefined
  const [, sign, number, suffix = ''] = match
  const [whole = '', fraction = ''] = number!.split('.')
  const digits = BigInt(`${whole}${fraction}` || '0')
  let exponent = 9 - fraction.length
  let value = digits
  if (suffix in binary) value *= 1024n ** BigInt(binary[suffix]!)
  else if (suffix in decimal) exponent += decimal[suffix]!
  else if (suffix !== '') {
    const power = Number(suffix.slice(1))
    if (Math.abs(power) > 100) return undefined
    exponent += power
  }
  if (exponent >= 0) value *= 10n ** BigInt(exponent)
  else {
    const divisor = 10n ** BigInt(-exponent)
    value = (value + divisor - 1n) / divisor
  }
  return sign === '-' ? -value : value
}
