/**
 * The order of keys in sigs.k8s.io/yaml: as people sort. Signs and digits stand before letters, runs of digits compare
 * as numbers (`a2` before `a10`), everything else by code point.
 */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    const xLetter = isLetter(x, a, i)
    const yLetter = isLetter(y, b, i)
    if (xLetter && yLetter) return codePoint(a, i) - codePoint(b, i)
    if (xLetter || yLetter) return yLetter ? -1 : 1
    return compareDigits(a, b, i)
  }
  return a.length - b.length
}

/** The whole character of which the code unit at `i` is a part. */
function codePoint(text: string, i: number): number {
  const code = text.charCodeAt(i)
  const start = code >= 0xdc00 && code <= 0xdfff && i > 0 ? i - 1 : i
  return text.codePointAt(start) as number
}

/** Both texts are equal before `at`, differ there, and have no letter there. */
function compareDigits(a: string, b: string, at: number): number {
  const x = digitsFrom(a, at)
  const y = digitsFrom(b, at)
  // A zero counts once a digit other than zero stands before it in the same number.
  const lead = (a.charCodeAt(at) === 48 || b.charCodeAt(at) === 48) && hasLeadingNonZero(a, at) ? '1' : ''
  const xValue = BigInt(lead + x || '0')
  const yValue = BigInt(lead + y || '0')
  if (xValue !== yValue) return xValue < yValue ? -1 : 1
  return x.length - y.length || codePoint(a, at) - codePoint(b, at)
}

function digitsFrom(text: string, at: number): string {
  let end = at
  while (end < text.length && isDigit(text.charCodeAt(end))) end++
  return text.slice(at, end)
}

function hasLeadingNonZero(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0 && isDigit(text.charCodeAt(i)); i--) if (text.charCodeAt(i) !== 48) return true
  return false
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isLetter(code: number, text: string, at: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90)
  return /^\p{L}/u.test(String.fromCodePoint(codePoint(text, at)))
}

/** The keys of a mapping in that order, leaving out keys whose value is undefined. */
export function sortedKeys(mapping: Readonly<Record<string, unknown>>): string[] {
  const keys: string[] = []
  let ordered = true
  for (const key of Object.keys(mapping)) {
    if (mapping[key] === undefined) continue
    if (ordered && keys.length > 0 && compareKeys(keys[keys.length - 1] as string, key) > 0) ordered = false
    keys.push(key)
  }
  return ordered ? keys : keys.sort(compareKeys)
}
