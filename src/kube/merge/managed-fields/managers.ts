import type { KubeObject, ManagedFieldsEntry } from '../../object.ts'
import { fromFieldsV1, toFieldsV1 } from '../fieldset/fields-v1.ts'
import { compareBytes } from '../fieldset/go-json.ts'
import type { VersionedSet } from '../typed/types.ts'

/** Who a manager is; two writes by the same identity share one entry. Appliers are one whatever version they use. */
export interface ManagerIdentity {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
}

/** `metadata.managedFields` taken apart, by the key of each manager. */
export interface Managed {
  readonly sets: Map<string, VersionedSet>
  /** When each manager last changed something, as it stands in the object. */
  readonly times: Map<string, string>
}

/** Nobody owns anything. */
export function noManagers(): Managed {
  return { sets: new Map(), times: new Map() }
}

/** The key of a manager (apimachinery `BuildManagerIdentifier`). */
export function managerKey({ manager, operation, apiVersion, subresource }: ManagerIdentity): string {
  return JSON.stringify([manager, operation, operation === 'Apply' ? '' : apiVersion, subresource])
}

/** The inverse of {@link managerKey}. */
export function parseManagerKey(key: string): ManagerIdentity {
  const [manager, operation, apiVersion, subresource] = JSON.parse(key) as [string, 'Apply' | 'Update', string, string]
  return { manager, operation, apiVersion, subresource }
}

/** Reads entries; undefined when one of them is malformed. Of several with one identity the last counts. */
export function decodeManaged(entries: readonly ManagedFieldsEntry[] | undefined): Managed | undefined {
  const managed = noManagers()
  for (const entry of entries ?? []) {
    const { manager = '', operation, apiVersion = '', subresource = '', time } = entry
    if (
      (operation !== 'Apply' && operation !== 'Update') ||
      (entry.fieldsType ?? '') !== 'FieldsV1' ||
      apiVersion === ''
    )
      return undefined
    const set = fromFieldsV1(entry.fieldsV1 ?? {})
    if (set === undefined) return undefined
    const key = managerKey({ manager, operation, apiVersion, subresource })
    managed.sets.set(key, { set, apiVersion, applied: operation === 'Apply' })
    if (time !== undefined) managed.times.set(key, time)
  }
  return managed
}

/** Writes entries, in the order of Kubernetes: appliers first, then by time, name, version and subresource. */
export function encodeManaged({ sets, times }: Managed): ManagedFieldsEntry[] {
  const entries = [...sets].map(([key, owned]): ManagedFieldsEntry => {
    const { manager, operation, subresource } = parseManagerKey(key)
    const time = times.get(key)
    return {
      ...(manager === '' ? {} : { manager }),
      operation,
      apiVersion: owned.apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(owned.set),
      ...(subresource === '' ? {} : { subresource }),
    }
  })
  return entries.sort(
    (a, b) =>
      order(a.operation, b.operation) ||
      seconds(a.time) - seconds(b.time) ||
      order(a.manager, b.manager) ||
      order(a.apiVersion, b.apiVersion) ||
      order(a.subresource, b.subresource),
  )
}

/** The object with these managers, or without the field when there are none. Never changes its argument. */
export function withManaged(object: KubeObject, managed: Managed): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata
  if (managed.sets.size === 0) return { ...object, metadata }
  return { ...object, metadata: { ...metadata, managedFields: encodeManaged(managed) } }
}

/** The object without `metadata.managedFields`; itself when it has none. */
export function withoutManaged(object: KubeObject): KubeObject {
  if (object.metadata?.managedFields === undefined) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** A time in the form of managedFields: RFC 3339, whole seconds. */
export function entryTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`
}

/** Whole seconds since 1970 of an entry's time; 0 when it has none. */
export function seconds(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000)
}

function order(a = '', b = ''): number {
  return compareBytes(a, b)
}
