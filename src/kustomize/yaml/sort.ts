import type { Mapping } from './node.ts'

/** The keys of a mapping in the order of go-yaml v2: letters after other signs, runs of digits by their number. */
export function sortedKeys(node: Mapping): string[] {
  const keys = [...node.fields.keys()]
  return keys.length < 2 ? keys : keys.sort(compareKeys)
}

const isLetter = (sign: string): boolean => /\p{L}/u.test(sign)
const isDigit = (sign: string | undefined): boolean => sign !== undefined && /\p{Nd}/u.test(sign)
const simple = /^[A-Za-z]*$/

/** The order of two different keys. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0
  // Most keys are plain words, where the order is that of the letters.
  if (simple.test(a) && simple.test(b)) return a < b ? -1 : 1
  return lessNatural([...a], [...b]) ? -1 : 1
}

function lessNatural(a: readonly string[], b: readonly string[]): boolean {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i]!
    const y = b[i]!
    if (x === y) continue
    const xLetter = isLetter(x)
    const yLetter = isLetter(y)
    if (xLetter && yLetter) return x.codePointAt(0)! < y.codePointAt(0)!
    if (xLetter || yLetter) return yLetter
    let xNumber = 0n
    let yNumber = 0n
    if (x === '0' || y === '0') {
      for (let j = i - 1; j >= 0 && isDigit(a[j]); j--) {
        if (a[j] !== '0') {
          xNumber = 1n
          yNumber = 1n
          break
        }
      }
    }
    let xEnd = i
    for (; isDigit(a[xEnd]); xEnd++) xNumber = wrap(xNumber, a[xEnd]!)
    let yEnd = i
    for (; isDigit(b[yEnd]); yEnd++) yNumber = wrap(yNumber, b[yEnd]!)
    if (xNumber !== yNumber) return xNumber < yNumber
    if (xEnd !== yEnd) return xEnd < yEnd
    return x.codePointAt(0)! < y.codePointAt(0)!
  }
  return a.length < b.length
}

/** One more digit, in the arithmetic of Go's int64. */
function wrap(number: bigint, digit: string): bigint {
  return BigInt.asIntN(64, number * 10n + BigInt(digit.codePointAt(0)! - 0x30))
}
