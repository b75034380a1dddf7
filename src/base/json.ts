/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Whether a value is a plain JSON object (not null, not a list). */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Deep equality of JSON values; the order of keys does not matter, and a key with `undefined` counts as absent. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  let keys = 0
  for (const key in a) {
    if (a[key] === undefined) continue
    keys++
    if (!jsonEqual(a[key], b[key])) return false
  }
  for (const key in b) if (b[key] !== undefined) keys--
  return keys === 0
}

/** The value at a path of keys and indexes, or undefined. */
export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let here = root
  for (const step of path) {
    if (Array.isArray(here)) here = here[Number(step)]
    else if (isObject(here)) here = Object.hasOwn(here, step) ? here[step] : undefined
    else return undefined
  }
  return here
}

/** JSON with keys in order and without absent ones: equal values give the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(item => canonicalJson(item ?? null)).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value ?? null)
  const keys = Object.keys(value).filter(key => value[key] !== undefined)
  return `{${keys
    .sort()
    .map(key => `${JSON.stringify(key)}:${canonicalJson(value[key])}`)
    .join(',')}}`
}
