import { isObject } from '../../../base/json.ts'

type Values = Record<string, unknown>

/** Two sets of values as one: maps are merged, of all else the second wins (fluxcd/pkg transform.MergeMaps). */
export function mergeValues(first: Values, second: Values): Values {
  const merged: Values = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    const next = isObject(before) && isObject(value) ? mergeValues(before, value) : value
    // A key such as `__proto__` is a key like any other.
    Object.defineProperty(merged, key, { value: next, enumerable: true, configurable: true, writable: true })
  }
  return merged
}
