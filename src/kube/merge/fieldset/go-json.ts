/** Strings by their UTF-8 bytes, as Go orders them. */
export function compareBytes(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    let x = a.charCodeAt(i)
    let y = b.charCodeAt(i)
    if (x === y) continue
    // In UTF-8 all that needs surrogates comes after U+E000–U+FFFF; in UTF-16 it comes before.
    if (x >= 0xd800 && y >= 0xd800) {
      x += x >= 0xe000 ? -0x800 : 0x2000
      y += y >= 0xe000 ? -0x800 : 0x2000
    }
    return x - y
  }
  return a.length - b.length
}

/** JSON as Go's `encoding/json` writes it: keys sorted, and `<`, `>`, `&` and the two line separators escaped. */
export function goJson(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? sortedJson(value) : JSON.stringify(value)
  return unsafeInGo.test(text)
    ? text.replace(new RegExp(unsafeInGo, 'g'), c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : text
}

const unsafeInGo = /[<>&\u2028\u2029]/

function sortedJson(value: object): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compareBytes(a, b)))
      : part,
  )
}
