import { isObject, valueAt } from '../../base/json.ts'
import type { Condition, KubeObject } from '../object.ts'

/** A whole number at a path; the fallback when it is absent or something else. */
export function intAt(object: KubeObject, path: readonly string[], fallback: number): number {
  const value = valueAt(object, path)
  return typeof value === 'number' && Number.isInteger(value) ? value : fallback
}

/** A text at a path; the fallback when it is absent or something else. */
export function textAt(object: KubeObject, path: readonly string[], fallback = ''): string {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value : fallback
}

/** The conditions of the status that can be read as such, in their order. */
export function conditionsOf(object: KubeObject): Condition[] {
  const list = valueAt(object, ['status', 'conditions'])
  if (!Array.isArray(list)) return []
  return list.filter(
    (item): item is Condition =>
      isObject(item) && typeof item['type'] === 'string' && typeof item['status'] === 'string',
  )
}

/** The first condition of a type. */
export function conditionOf(object: KubeObject, type: string): Condition | undefined {
  return conditionsOf(object).find(condition => condition.type === type)
}
