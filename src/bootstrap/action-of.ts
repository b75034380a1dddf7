import { isObject, jsonEqual } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { isQuantityField, sameQuantity } from './quantities.ts'
import { otherParts } from './sync-credential.ts'

/** Whether applying an object would change what is live: every field of it is there with the same value, or it is not. */
export function actionOf(object: KubeObject, live: KubeObject | undefined): 'create' | 'configure' | 'keep' {
  if (!live) return 'create'
  return holds(live, object) && otherParts(live, object).length === 0 ? 'keep' : 'configure'
}

function holds(live: unknown, wanted: unknown, name?: string): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, i) => holds(live[i], item))
  if (!isObject(wanted)) return jsonEqual(live, wanted)
  // The server leaves empty objects out (`subresources: {}`), so an absent one counts as empty.
  if (live === undefined) return Object.keys(wanted).length === 0
  return (
    isObject(live) &&
    Object.entries(wanted).every(
      ([key, value]) =>
        value === undefined ||
        holds(live[key], value, key) ||
        (isQuantityField(name, key) && sameQuantity(live[key], value)),
    )
  )
}
