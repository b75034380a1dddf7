import { isObject, jsonEqual } from '../../../base/json.ts'

/**
 * A merged list in the order that a patch asks for: the elements that the patch names in the patch's order, the others
 * in the live order; an element of the live list goes before one of the patch only if it stood before it in the live
 * list. So elements that are new come first (apimachinery `normalizeElementOrder`).
 */
export function inOrder(
  merged: readonly unknown[],
  wanted: readonly unknown[],
  live: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const indexIn = (list: readonly unknown[], item: unknown): number =>
    list.findIndex(one => isSameElement(one, item, mergeKey))
  const sortedBy = (items: readonly unknown[], order: readonly unknown[]): unknown[] =>
    items
      .map(item => ({ item, at: indexIn(order, item) }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item)
  const named = sortedBy(
    merged.filter(item => indexIn(wanted, item) >= 0),
    wanted,
  )
  const others = sortedBy(
    merged.filter(item => indexIn(wanted, item) < 0),
    live,
  )
  const out: unknown[] = []
  for (const item of named) {
    const at = indexIn(live, item)
    while (others.length > 0 && at >= 0) {
      const other = indexIn(live, others[0])
      if (other < 0 || other >= at) break
      out.push(others.shift())
    }
    out.push(item)
  }
  return [...out, ...others]
}

/** Whether two elements mean the same one: by merge key for maps, by value otherwise. */
export function isSameElement(a: unknown, b: unknown, mergeKey: string | undefined): boolean {
  if (mergeKey === undefined) return jsonEqual(a, b)
  return isObject(a) && isObject(b) && jsonEqual(a[mergeKey], b[mergeKey])
}
