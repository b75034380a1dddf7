import { jsonEqual } from '../../base/json.ts'
import { asMap, isEmptyMap, type JsonMap, setEntry } from './typed/values.ts'

/**
 * The target with a JSON merge patch (RFC 7396) applied: maps merge, null removes, all else replaces. The target is not
 * changed; parts that stay equal are shared with it, and it is returned itself when the patch changes nothing.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  const changes = asMap(patch)
  if (changes === undefined) return jsonEqual(target, patch) ? target : patch
  const before = asMap(target)
  let out: JsonMap | undefined = before === undefined ? {} : undefined
  for (const key of Object.keys(changes)) {
    const change = changes[key]
    const current = out ?? before!
    const has = Object.hasOwn(current, key)
    if (change === null) {
      if (!has) continue
      out ??= { ...before }
      delete out[key]
      continue
    }
    if (change === undefined) continue
    const value = has ? applyMergePatch(current[key], change) : withoutNulls(change)
    if (has && value === current[key]) continue
    out ??= { ...before }
    setEntry(out, key, value)
  }
  return out ?? before
}

/** A value that a patch adds where there was none: what is null in it is not there. Lists are taken as they are. */
function withoutNulls(value: unknown): unknown {
  return asMap(value) === undefined ? value : applyMergePatch(undefined, value)
}

/**
 * The smallest merge patch that turns `from` into `to`; undefined when they are equal. A merge patch cannot set a map
 * entry to null: such entries of `to` are taken for absent.
 */
export function createMergePatch(from: unknown, to: unknown): unknown {
  if (jsonEqual(from, to)) return undefined
  const before = asMap(from)
  const after = asMap(to)
  if (before === undefined || after === undefined) return to
  const patch: JsonMap = {}
  for (const key of Object.keys(before))
    if (!Object.hasOwn(after, key) || after[key] === undefined) setEntry(patch, key, null)
  for (const key of Object.keys(after)) {
    if (after[key] === undefined) continue
    const change = Object.hasOwn(before, key) ? createMergePatch(before[key], after[key]) : after[key]
    if (change !== undefined) setEntry(patch, key, change)
  }
  return isEmptyMap(patch) ? undefined : patch
}
