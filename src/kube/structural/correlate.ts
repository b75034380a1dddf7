import { isObject, jsonEqual } from '../../base/json.ts'
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
  const found = old.find(candidate => isObject(candidate) && keys.every(key => jsonEqual(candidate[key], item[key])))
  return found ?? uncorrelated
}
