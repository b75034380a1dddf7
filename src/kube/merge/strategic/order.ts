import { isSameElement } from './lists.ts'

/**
 * Puts a merged list in order: elements that the patch orders come in its order; the others keep their place relative to
 * the live list as well as that can be done (apimachinery `normalizeElementOrder`).
 */
export function orderElements(
  merged: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const indexIn = (list: readonly unknown[], item: unknown) => list.findIndex(one => isSameElement(one, item, mergeKey))
  const byIndex = (list: readonly unknown[]) => (a: unknown, b: unknown) => indexIn(list, a) - indexIn(list, b)
  const ordered = merged.filter(item => indexIn(order, item) >= 0).sort(byIndex(order))
  const others = merged.filter(item => indexIn(order, item) < 0).sort(byIndex(live))
  const out: unknown[] = []
  let i = 0
  let j = 0
  while (i < others.length || j < ordered.length) {
    const other = indexIn(live, others[i])
    const next = indexIn(live, ordered[j])
    const otherFirst = j >= ordered.length || (i < others.length && other >= 0 && next >= 0 && other < next)
    out.push(otherFirst ? others[i++] : ordered[j++])
  }
  return out
}
