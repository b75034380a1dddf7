import type { KubeObject, ManagedFieldsEntry } from '../../object.ts'
import { updateTyped } from '../typed/applier.ts'
import { capUpdaters } from './cap.ts'
import {
  decodeManaged,
  entryTime,
  type Managed,
  managerKey,
  noManagers,
  withManaged,
  withoutManaged,
} from './managers.ts'
import { neverOwned } from './reset-fields.ts'
import { rulesFor, typed } from './rules.ts'
import type { UpdateRequest } from './types.ts'

/**
 * The object of a create, update or patch with `metadata.managedFields` brought up to date. It never fails: what the
 * schema does not know is tracked by its values. The object shares parts with `updated`.
 */
export function updateManaged(request: UpdateRequest): KubeObject {
  const { live, updated } = request
  const managed = managersOf(request)
  const plain = withoutManaged(updated)
  // An object that nobody tracks (its managers were reset) stays untracked until it is applied.
  if (managed.sets.size === 0 && live !== undefined) return withManaged(plain, managed)
  return withManaged(plain, trackUpdate(request, live === undefined ? undefined : withoutManaged(live), plain, managed))
}

/** The managers after an update from one object to another; `managed` itself is not changed. */
export function trackUpdate(
  request: Omit<UpdateRequest, 'live' | 'updated'>,
  live: KubeObject | undefined,
  updated: KubeObject,
  managed: Managed,
): Managed {
  const { apiVersion, subresource = '' } = request
  const before = typed(live, request.schema)
  const self = 'this write'
  const owners = updateTyped(
    { rules: rulesFor(request.resetFields), version: apiVersion, live: before, managers: managed.sets, manager: self },
    updated,
  )
  const result: Managed = { sets: new Map(owners), times: new Map(managed.times) }
  const taken = result.sets.get(self)
  result.sets.delete(self)
  const set = taken?.set.difference(neverOwned)
  if (set !== undefined && !set.isEmpty) {
    const key = managerKey({ manager: request.manager || 'unknown', operation: 'Update', apiVersion, subresource })
    const previous = result.sets.get(key)
    result.sets.set(key, { set: previous === undefined ? set : set.union(previous.set), apiVersion, applied: false })
    result.times.set(key, entryTime(request.time))
  }
  capUpdaters(result)
  return result
}

/**
 * Whose entries count: those of the request when they are valid (a client may set them), else those of the live object,
 * so that clients which do not know the field do not drop it. `[]` and `[{}]` reset them. A subresource never sets them.
 */
function managersOf({ live, updated, subresource = '' }: UpdateRequest): Managed {
  const kept = () => decodeManaged(live?.metadata.managedFields) ?? noManagers()
  if (subresource !== '') return kept()
  const given = updated.metadata?.managedFields
  if (isReset(given)) return noManagers()
  const decoded = decodeManaged(given)
  return decoded === undefined || decoded.sets.size === 0 ? kept() : decoded
}

function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (!Array.isArray(entries)) return false
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] ?? {}).length === 0)
}
