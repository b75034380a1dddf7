import { isObject } from '../base/json.ts'
import type { Condition, KubeObject } from './object.ts'

/** A condition of `status.conditions` by its type; undefined when the object or the condition is not there. */
export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  const status = object?.['status']
  const conditions = isObject(status) ? status['conditions'] : undefined
  return Array.isArray(conditions)
    ? conditions.find((one: unknown): one is Condition => isObject(one) && one['type'] === type)
    : undefined
}
