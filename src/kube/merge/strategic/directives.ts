import { isObject } from '../../../base/json.ts'
import { goValue } from '../typed/go-text.ts'
import { type JsonMap, setEntry } from '../typed/values.ts'
import { patchFault } from './problem.ts'

/** Says what a map of the patch means: `replace` or `delete`. */
export const patchDirective = '$patch'
/** Names the fields that stay; all others of the map go. */
export const retainKeysDirective = '$retainKeys'
/** `$setElementOrder/x` gives the order of list x. */
export const setOrderPrefix = '$setElementOrder'
/** `$deleteFromPrimitiveList/x` takes values out of list x. */
export const deleteFromPrefix = '$deleteFromPrimitiveList'

/** The fault of a `$patch` that does not exist, or not in this place. */
export function unknownDirective(patch: JsonMap, path: string): Error {
  return patchFault(path, `unknown patch type: ${goValue(patch[patchDirective])} in map: ${goValue(patch)}`)
}

/** The list that a directive such as `$setElementOrder/containers` is about. */
export function listOfDirective(key: string, prefix: string, path: string): string {
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1)
  const form = prefix === setOrderPrefix ? 'setElementOrder list' : 'primitive list'
  throw patchFault(path, `invalid patch format of ${form}`, 400)
}

export function isDirective(key: string): boolean {
  return (
    key === patchDirective ||
    key === retainKeysDirective ||
    key.startsWith(setOrderPrefix) ||
    key.startsWith(deleteFromPrefix)
  )
}

/**
 * A value of a patch as it is taken over where there is nothing to merge it with: without nulls and directives. Undefined
 * for a map with `$patch`, which has nothing to work on and so is not there at all.
 */
export function takenOver(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(takenOver).filter(item => item !== undefined)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, patchDirective)) return undefined
  const out: JsonMap = {}
  for (const key of Object.keys(value)) {
    const item = value[key]
    if (item === null || item === undefined || isDirective(key)) continue
    const kept = takenOver(item)
    if (kept !== undefined) setEntry(out, key, kept)
  }
  return out
}
