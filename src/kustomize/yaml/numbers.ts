/**
 * A float as it stands in kustomize's output: Go's JSON encoder writes it, go-yaml v2 reads that back, as an integer
 * when it looks like one, and prints it with `strconv.FormatFloat(f, 'g', -1, 64)`.
 */
export function printFloat(value: number): string {
  // Go's JSON encoder writes plain digits below 1e21; what then fits 64 bits is read back as an integer (-0 as 0).
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64) {
    return BigInt(value).toString()
  }
  return formatG(value)
}

/** Go's `strconv.FormatFloat(value, 'g', -1, 64)` for finite values: an exponent below -4 or from 6 on is written. */
export function formatG(value: number): string {
  const [mantissa, exponentText] = value.toExponential().split('e') as [string, string]
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 6) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`
}
