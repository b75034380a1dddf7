import { isObject } from '../../../base/json.ts'
import { goType, goValue } from '../typed/go-text.ts'
import { patchDirective, setOrderPrefix, takenOver } from './directives.ts'
import { kindOfElements, type ListRules, mergeElements, requireKeys } from './element-lists.ts'
import { inOrder, isSameElement } from './order.ts'
import { patchFault } from './problem.ts'

/**
 * `$setElementOrder/x`: merges list x of the patch, if there is one, and puts the result in the order of the directive.
 * Undefined when there is no such list on either side, or the patch removes it.
 */
export function applyElementOrder(
  live: unknown,
  patch: unknown,
  order: unknown,
  rules: ListRules & { readonly merges: boolean },
): readonly unknown[] | undefined {
  const { mergeKey, path } = rules
  const wanted = asList(order, path)
  if (patch === null) return undefined
  const before = live === undefined ? undefined : asList(live, path)
  const changes = patch === undefined ? undefined : asList(patch, path)
  if (before === undefined && changes === undefined) return undefined
  checkOrder(changes ?? [], wanted, mergeKey, path)
  let merged: readonly unknown[]
  if (changes === undefined) merged = before!
  else if (before === undefined) merged = takenOver(changes) as unknown[]
  else merged = rules.merges ? mergeElements(before, changes, rules) : changes
  if (merged.length > 0) kindOfElements(path, merged)
  if (mergeKey !== undefined) {
    requireKeys(merged, mergeKey, path)
    requireKeys(wanted, mergeKey, path)
  }
  return inOrder(merged, wanted, before ?? [], mergeKey)
}

/** The elements of the patch must be among the ordered ones, in the same order; deletions do not count. */
function checkOrder(
  changes: readonly unknown[],
  wanted: readonly unknown[],
  mergeKey: string | undefined,
  path: string,
): void {
  if (changes.length === 0 || wanted.length === 0) return
  const named = changes.filter(
    item => !(mergeKey !== undefined && isObject(item) && Object.hasOwn(item, patchDirective)),
  )
  let next = 0
  for (const one of wanted) {
    if (next < named.length && isSameElement(named[next], one, mergeKey)) next++
  }
  if (next === named.length) return
  throw patchFault(
    path,
    `The order in patch list:\n${goValue(changes)}\n doesn't match ${setOrderPrefix} list:\n${goValue(wanted)}\n`,
  )
}

function asList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw patchFault(path, `expected a []interface {}, but received a ${goType(value)}`)
}
