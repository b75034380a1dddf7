import { isObject } from '../../../base/json.ts'

/** A table of chart values. */
export type Values = Record<string, unknown>

/** Sets a key as data, also one that names a built-in property. */
export function put(table: Values, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(table, key, { value, enumerable: true, writable: true, configurable: true })
  else table[key] = value
}

/** A key of a table itself, never of what it inherits. */
export function own(table: Values, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

/**
 * Merges as Flux does (fluxcd/pkg chartutil.MergeMaps): maps merge, everything else of `b` wins, lists included. Tables
 * that only one side has are shared with it, not copied: what is written into them later shows in both, and the order of
 * precedence of `targetPath` rests on that.
 */
export function mergeValues(a: Values, b: Values): Values {
  const out: Values = { ...a }
  for (const [key, value] of Object.entries(b)) {
    const before = own(out, key)
    put(out, key, isObject(value) && isObject(before) ? mergeValues(before, value) : value)
  }
  return out
}
