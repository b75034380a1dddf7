import { jsonEqual } from '../../../base/json.ts'
import type { KubeObject } from '../../object.ts'

/**
 * Whether two objects are the same but for the times in managedFields: then the live one is kept and no new
 * resourceVersion is given (apiserver `IgnoreManagedFieldsTimestampsTransformer`).
 */
export function sameButTimes(live: KubeObject, updated: KubeObject): boolean {
  if (live === updated) return true
  const plain = (object: KubeObject) => {
    const { managedFields, ...metadata } = object.metadata
    return { object: { ...object, metadata }, entries: managedFields?.map(({ time: _, ...entry }) => entry) }
  }
  const a = plain(live)
  const b = plain(updated)
  return jsonEqual(a.entries, b.entries) && jsonEqual(a.object, b.object)
}
