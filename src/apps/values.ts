import { isObject, jsonEqual } from '../base/json.ts'
import { applyMergePatch, createMergePatch } from '../kube/merge/merge-patch.ts'
import type { Values } from './types.ts'

/**
 * What helm is given: the base with the override applied. The rules are those of JSON merge patches, which are also
 * kustomize's for a HelmRelease: maps merge, null takes a key away, lists are replaced whole.
 */
export function effectiveValues(base: Values, override: Values): Values {
  return applyMergePatch(base, override) as Values
}

/** The smallest override that turns the base into what is wanted, so that changes of the base flow into all else. */
export function overrideFor(base: Values, wanted: Values): Values {
  return (createMergePatch(base, wanted) ?? {}) as Values
}

/** Where a value comes from, for the marks of the editor. */
export interface ValueOrigin {
  /** Keys from the top. */
  readonly path: readonly string[]
  /** `override`: the environment says so; `removed`: the environment takes the base's value away. */
  readonly from: 'override' | 'removed'
  readonly base: unknown
  readonly value: unknown
}

/** Every place at which an override differs from the base, in its order. One that repeats the base is listed too: it pins. */
export function overriddenAt(base: Values, override: Values): ValueOrigin[] {
  const out: ValueOrigin[] = []
  walk(base, override, [], out)
  return out
}

function walk(base: unknown, override: unknown, path: readonly string[], out: ValueOrigin[]): void {
  if (isObject(override) && Object.keys(override).length > 0 && (isObject(base) || path.length === 0)) {
    for (const key of Object.keys(override))
      walk(isObject(base) ? base[key] : undefined, override[key], [...path, key], out)
    return
  }
  if (path.length === 0) return
  out.push({ path, from: override === null ? 'removed' : 'override', base, value: override })
}

/** One difference between two sets of values. */
export interface ValueChange {
  readonly path: readonly string[]
  /** Undefined: it was not there. */
  readonly before: unknown
  /** Undefined: it is gone. */
  readonly after: unknown
}

/** Every leaf (lists count as one) that differs, by path. */
export function valueChanges(before: Values, after: Values): ValueChange[] {
  const out: ValueChange[] = []
  compare(before, after, [], out)
  return out.sort((a, b) => (a.path.join('\0') < b.path.join('\0') ? -1 : 1))
}

function compare(before: unknown, after: unknown, path: readonly string[], out: ValueChange[]): void {
  if (jsonEqual(before ?? null, after ?? null)) return
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
      compare(before[key], after[key], [...path, key], out)
    return
  }
  out.push({ path, before, after })
}

/**
 * Places at which an override wants another kind of value than the base has. kustomize refuses to merge a list with a text,
 * and writes a number over a quoted text with the quotes: both are refused before they reach Git.
 */
export function kindConflicts(base: unknown, override: unknown, path: readonly string[] = []): readonly string[][] {
  const [was, is] = [kindOf(base), kindOf(override)]
  if (was === 'none' || is === 'none') return []
  if (was !== is) return [[...path]]
  if (!isObject(base) || !isObject(override)) return []
  return Object.keys(override).flatMap(key => kindConflicts(base[key], override[key], [...path, key]))
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'none'
  return Array.isArray(value) ? 'list' : typeof value
}
