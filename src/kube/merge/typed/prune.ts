import { FieldSet } from '../fieldset/field-set.ts'
import { withNamedFields } from './named-fields.ts'
import { removeItems } from './remove-items.ts'
import { toFieldSet } from './to-field-set.ts'
import type { Managers, Typed, VersionedSet, VersionRules } from './types.ts'

/** What pruning starts from. */
export interface PruneInput {
  readonly rules: VersionRules
  /** The live object with the new configuration merged in, in `version`. */
  readonly merged: Typed
  readonly version: string
  /** What the manager applied last time; undefined: it did not. */
  readonly last: VersionedSet | undefined
  /** What it applies now. */
  readonly own: VersionedSet
  /** Everybody's claims, the new ones of the manager included. */
  readonly managers: Managers
}

/**
 * The merged object without what the manager applied last time and does not apply any more, except for what anybody
 * (the manager itself included) owns. The value itself when nothing goes.
 *
 * Claims are written in different versions of the kind, so the object is converted to each of them in turn.
 */
export function pruneApplied(input: PruneInput): unknown {
  const { rules, merged, version, last, own } = input
  if (last === undefined || last.set.isEmpty) return merged.value
  // Nothing was given up: what is taken away first would all be put back.
  if (last.apiVersion === version && last.set.difference(own.set).isEmpty) return merged.value
  const atLast = inVersion(rules, merged, version, last.apiVersion)
  if (atLast === undefined) return merged.value
  const { type } = atLast
  const lastNamed = withNamedFields(last.set, type)
  const without = removeItems(atLast.value, lastNamed, type)
  const kept = putBackOwned(input, atLast, without, last.apiVersion)
  if (kept === undefined) return merged.value
  const gone = allFields(atLast)
    .difference(allFields({ value: kept, type }))
    .intersection(lastNamed)
  const pruned = removeItems(atLast.value, gone, type)
  if (pruned === atLast.value) return merged.value
  return inVersion(rules, { value: pruned, type }, last.apiVersion, version)?.value
}

/** `without` and all that somebody owns, in `lastVersion`; undefined when there is no way back to that version. */
function putBackOwned(input: PruneInput, merged: Typed, without: unknown, lastVersion: string): unknown {
  const { rules, managers } = input
  const owned = new Map<string, FieldSet>()
  for (const { set, apiVersion } of managers.values())
    owned.set(apiVersion, (owned.get(apiVersion) ?? FieldSet.empty).union(set))
  // The version at hand first: a conversion may need fields that would be missing otherwise.
  const versions = [...owned.keys()].sort((a, b) => Number(b === lastVersion) - Number(a === lastVersion))
  let all = merged
  let kept: Typed = { value: without, type: merged.type }
  let here = lastVersion
  for (const version of versions) {
    const allThere = inVersion(rules, all, here, version)
    const keptThere = inVersion(rules, kept, here, version)
    if (allThere === undefined || keptThere === undefined) continue
    const { type } = allThere
    const ownedNamed = withNamedFields(owned.get(version)!, type)
    const drop = allFields(allThere).difference(allFields(keptThere).union(ownedNamed))
    all = allThere
    kept = { value: removeItems(allThere.value, drop, type), type }
    here = version
  }
  return inVersion(rules, kept, here, lastVersion)?.value
}

function allFields({ value, type }: Typed): FieldSet {
  return withNamedFields(toFieldSet(value, type), type)
}

function inVersion(rules: VersionRules, from: Typed, fromVersion: string, toVersion: string): Typed | undefined {
  return fromVersion === toVersion ? from : rules.convert(from, fromVersion, toVersion)
}
