import type { GroupVersionKind } from '../identity.ts'
import { openTable, type ResourceRow } from './builtin-table.ts'

/** A builtin resource in one version, as discovery describes it. */
export interface BuiltinResource extends GroupVersionKind {
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: readonly BuiltinSubresource[]
}

export interface BuiltinSubresource {
  readonly name: string
  /** The kind that is read and written through it; the resource's own for `status`. */
  readonly kind: GroupVersionKind
  readonly verbs: readonly string[]
}

let all: readonly BuiltinResource[] | undefined

/** Every builtin resource in every served version: groups in discovery's order, preferred versions first. */
export function builtinResources(): readonly BuiltinResource[] {
  all ??= openTable().resources.flatMap(([group, versions]) =>
    versions.flatMap(([version, rows]) => rows.map(row => resourceOf(group, version, row))),
  )
  return all
}

function resourceOf(group: string, version: string, row: ResourceRow): BuiltinResource {
  return {
    group,
    version,
    kind: row.k,
    plural: row.n,
    singular: row.s,
    shortNames: row.a ?? [],
    categories: row.t ?? [],
    namespaced: row.c !== 1,
    verbs: row.v,
    subresources: (row.u ?? []).map(([name, kind, kindGroup, kindVersion, verbs]) => ({
      name,
      // Discovery leaves group and version out where they are the resource's own.
      kind: { group: kindGroup || (kindVersion ? '' : group), version: kindVersion || version, kind: kind ?? row.k },
      verbs,
    })),
  }
}
