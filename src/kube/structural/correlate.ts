import { isObject } from '../../base/json.ts'
import { goJson } from '../go-format.ts'
import type { Schema } from '../schema/types.ts'

/** There is no old value to compare with: the object is new, or the place cannot be found in the old one. */
export const uncorrelated: unique symbol = Symbol('uncorrelated')

/** The old value of a property; maps of type atomic are not compared field by field. */
export function oldProperty(schema: Schema, old: unknown, name: string): unknown {
  if (!isObject(old) || schema['x-kubernetes-map-type'] === 'atomic') return uncorrelated
  return Object.hasOwn(old, name) ? old[name] : uncorrelated
}

/** The old value of a list item: only lists of type map have items that can be told apart (KEP-4008). */
export function oldItem(schema: Schema, old: unknown, item: unknown): unknown {
  const keys = schema['x-kubernetes-list-map-keys']
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map' || keys === undefined) return uncorrelated
  if (!isObject(item)) return uncorrelated
  return indexOf(old, keys).get(keyOf(item, keys)) ?? uncorrelated
}

const indexes = new WeakMap<readonly unknown[], { keys: readonly string[]; items: Map<string, unknown> }>()

/** The items of an old list by their keys, made once for all lookups of one validation. */
function indexOf(list: readonly unknown[], keys: readonly string[]): Map<string, unknown> {
  const known = indexes.get(list)
  if (known !== undefined && known.keys === keys) return known.items
  const items = new Map<string, unknown>()
  for (const item of list) {
    if (!isObject(item)) continue
    const key = keyOf(item, keys)
    if (!items.has(key)) items.set(key, item)
  }
  indexes.set(list, { keys, items })
  return items
}

function keyOf(item: Record<string, unknown>, keys: readonly string[]): string {
  return goJson(keys.map(key => item[key] ?? null))
}
