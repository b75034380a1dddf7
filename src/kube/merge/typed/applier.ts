import { FieldSet } from '../fieldset/field-set.ts'
import { type Comparison, compareTyped, filterComparison, isSame } from './compare.ts'
import { mergeTyped } from './merge.ts'
import { pruneApplied } from './prune.ts'
import { reconcileWithType } from './reconcile.ts'
import { toFieldSet } from './to-field-set.ts'
import type { Managers, Typed, TypedConflict, VersionedSet, VersionRules } from './types.ts'

/** What a write starts from. Nothing of it is changed. */
export interface TypedWrite {
  readonly rules: VersionRules
  /** The version of the write, and of `live`. */
  readonly version: string
  /** The object as it is; for a create an empty one. */
  readonly live: Typed
  readonly managers: Managers
  readonly manager: string
}

/** The outcome of an apply. */
export type TypedApplyResult =
  | { readonly value: unknown; readonly managers: Managers; readonly conflicts?: undefined }
  | { readonly conflicts: readonly TypedConflict[] }

/**
 * Server-side apply: `config` is merged over the live object; what the manager applied last time and not this time goes,
 * unless somebody else owns it; conflicts with other managers stop it unless `force`. `value` is `live.value` itself
 * when nothing changed. `config` must fit the type.
 */
export function applyTyped(write: TypedWrite, config: unknown, force: boolean): TypedApplyResult {
  const { rules, version, live, manager } = write
  const reconciled = reconcileManagers(write)
  const merged = mergeTyped(live.value, config, live.type)
  const last = reconciled.get(manager)
  const mentioned = toFieldSet(config, live.type)
  const filter = rules.filter?.(version)
  const own: VersionedSet = { set: filter ? filter(mentioned) : mentioned, apiVersion: version, applied: true }
  const managers = new Map(reconciled).set(manager, own)
  const value = pruneApplied({ rules, merged: { value: merged, type: live.type }, version, last, own, managers })
  const comparison = compareTyped(live.value, value, live.type)
  const claims = settleClaims(write, managers, comparison, value)
  if (!force && claims.conflicts.length > 0) return { conflicts: claims.conflicts }
  return { value, managers: claims.managers }
}

/** Any other write: the manager owns what it changed or added, others lose what changed. Returns who owns what now. */
export function updateTyped(write: TypedWrite, value: unknown): Managers {
  const { rules, version, live, manager } = write
  const reconciled = reconcileManagers(write)
  const comparison = compareTyped(live.value, value, live.type)
  const managers = settleClaims(write, reconciled, comparison, value).managers
  const filter = rules.filter?.(version)
  const before = managers.get(manager)?.set ?? FieldSet.empty
  let set = before.difference(comparison.removed).union(comparison.modified).union(comparison.added)
  if (filter) set = filter(set)
  const out = new Map(managers)
  if (set.isEmpty) out.delete(manager)
  else out.set(manager, { set, apiVersion: version, applied: false })
  return out
}

/** Field sets written under an older schema, brought in line with today's. Sets of versions that are gone are dropped. */
function reconcileManagers({ rules, version, live, managers }: TypedWrite): Managers {
  const out = new Map<string, VersionedSet>()
  for (const [name, owned] of managers) {
    const type = owned.apiVersion === version ? live.type : rules.convert(live, version, owned.apiVersion)?.type
    if (type === undefined) continue
    const set = reconcileWithType(owned.set, type)
    out.set(name, set === owned.set ? owned : { ...owned, set })
  }
  return out
}

/**
 * Takes from every other manager what the write changed or removed. Conflicts are the changes to what they own; a
 * removal is none.
 */
function settleClaims(
  write: TypedWrite,
  managers: Managers,
  comparison: Comparison,
  value: unknown,
): { readonly managers: Map<string, VersionedSet>; readonly conflicts: TypedConflict[] } {
  const { rules, version, live, manager } = write
  const changes = new Map<string, Comparison | undefined>([[version, filtered(rules, version, comparison)]])
  const changesIn = (other: string): Comparison | undefined => {
    if (!changes.has(other)) {
      const before = rules.convert(live, version, other)
      const after = rules.convert({ value, type: live.type }, version, other)
      changes.set(
        other,
        before && after && filtered(rules, other, compareTyped(before.value, after.value, before.type)),
      )
    }
    return changes.get(other)
  }
  const conflicts: TypedConflict[] = []
  const out = new Map<string, VersionedSet>()
  for (const [name, owned] of managers) {
    if (name === manager) {
      if (!owned.set.isEmpty) out.set(name, owned)
      continue
    }
    const change = changesIn(owned.apiVersion)
    if (change === undefined) continue
    let set = owned.set
    if (!isSame(change)) {
      const fields = set.intersection(change.modified.union(change.added))
      if (!fields.isEmpty) conflicts.push({ manager: name, fields })
      set = set.difference(fields).difference(change.removed)
    }
    if (!set.isEmpty) out.set(name, set === owned.set ? owned : { ...owned, set })
  }
  return { managers: out, conflicts }
}

function filtered(rules: VersionRules, version: string, comparison: Comparison): Comparison {
  const filter = rules.filter?.(version)
  return filter === undefined || isSame(comparison) ? comparison : filterComparison(comparison, filter)
}
