import type { ObjectRef } from '../../kube/identity.ts'

/** One entry of `status.inventory.entries`. */
export interface InventoryEntry {
  /** `<namespace>_<name>_<group>_<kind>`; a missing part stays empty. */
  readonly id: string
  /** The API version without its group. */
  readonly v: string
}

/** RBAC names may hold colons, which the id writes as two underscores (cli-utils' object.ObjMetadata). */
const rbacKinds = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'])
const rbacGroup = 'rbac.authorization.k8s.io'

/** The inventory id of an object. */
export function inventoryId(ref: Omit<ObjectRef, 'version'>): string {
  const name = ref.group === rbacGroup && rbacKinds.has(ref.kind) ? ref.name.replaceAll(':', '__') : ref.name
  return `${ref.namespace}_${name}_${ref.group}_${ref.kind}`
}

export function inventoryEntry(ref: ObjectRef): InventoryEntry {
  return { id: inventoryId(ref), v: ref.version }
}

/** The object that an entry names; undefined when the id is not one. */
export function parseInventoryEntry(entry: InventoryEntry): ObjectRef | undefined {
  const first = entry.id.indexOf('_')
  const last = entry.id.lastIndexOf('_')
  const middle = entry.id.lastIndexOf('_', last - 1)
  if (first < 0 || middle <= first) return undefined
  const group = entry.id.slice(middle + 1, last)
  const kind = entry.id.slice(last + 1)
  const text = entry.id.slice(first + 1, middle)
  const name = group === rbacGroup && rbacKinds.has(kind) ? text.replaceAll('__', ':') : text
  if (name === '' || kind === '') return undefined
  return { namespace: entry.id.slice(0, first), name, group, kind, version: entry.v }
}

/** Both lists' entries by id, the later version winning; sorted by id, as Flux writes them. */
export function mergeInventories(...lists: readonly (readonly InventoryEntry[])[]): InventoryEntry[] {
  const byId = new Map<string, InventoryEntry>()
  for (const list of lists) for (const entry of list) byId.set(entry.id, entry)
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

/** Entries of `before` whose object is not in `after`: what garbage collection looks at. The version does not count. */
export function staleEntries(before: readonly InventoryEntry[], after: readonly InventoryEntry[]): InventoryEntry[] {
  const kept = new Set(after.map(entry => entry.id))
  return before.filter(entry => !kept.has(entry.id))
}
