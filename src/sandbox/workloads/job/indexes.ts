import type { Pod } from '../shared/types.ts'

/** The annotation and label that carry the index of a pod of an Indexed job. */
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

/** The index of a pod of an Indexed job; undefined when it has none. */
export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[indexAnnotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Reads `1,3-5`, the form of `status.completedIndexes`. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (!match) continue
    const last = Math.min(Number(match[2] ?? match[1]), Number(match[1]) + 100_000)
    for (let index = Number(match[1]); index <= last; index++) indexes.add(index)
  }
  return indexes
}

/** The inverse of {@link parseIndexes}: runs of three and more (and of two) as ranges. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...new Set(indexes)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    let end = i
    while (sorted[end + 1] === sorted[end]! + 1) end++
    parts.push(end === i ? String(sorted[i]) : `${sorted[i]}-${sorted[end]}`)
    i = end + 1
  }
  return parts.join(',')
}
