import { jsonEqual } from '../../base/json.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'

/**
 * Makes the status of an object what it should be: one merge patch with the fields that differ, or no call at all when
 * none does. Returns the object as the server has it then.
 */
export async function writeStatus<T extends KubeObject>(
  client: KubeClient,
  object: T,
  next: Readonly<Record<string, unknown>>,
  fieldManager: string,
  signal?: AbortSignal,
): Promise<T> {
  const before = (object['status'] ?? {}) as Record<string, unknown>
  const patch: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(next)) {
    if (value !== undefined && !jsonEqual(value, before[key])) patch[key] = mergePatch(before[key], value)
  }
  for (const key of Object.keys(before)) if (next[key] === undefined) patch[key] = null
  if (Object.keys(patch).length === 0) return object
  const options = { subresource: 'status', fieldManager, ...(signal ? { signal } : {}) }
  return (await client.patch(refOf(object), 'merge', { status: patch }, options)) as T
}

/** A merge patch cannot replace an object as a whole: keys that go are set to null. */
function mergePatch(before: unknown, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (typeof before !== 'object' || before === null || Array.isArray(before)) return value
  const gone = Object.keys(before).filter(key => !(key in value))
  return { ...Object.fromEntries(gone.map(key => [key, null])), ...value }
}
