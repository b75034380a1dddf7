import { type Managed, managerKey, seconds } from './managers.ts'

/** More updaters than this are merged into one entry a version (apimachinery `capmanagers`). */
const maxUpdaters = 10
const ancient = 'ancient-changes'

/** Keeps the number of entries of updaters bounded by merging the oldest. Changes `managed`. */
export function capUpdaters({ sets, times }: Managed): void {
  const updaters = [...sets].filter(([, owned]) => !owned.applied).map(([key]) => key)
  let count = updaters.length
  if (count <= maxUpdaters) return
  updaters.sort((a, b) => seconds(times.get(a)) - seconds(times.get(b)) || (a < b ? -1 : 1))
  const firstOf = new Map<string, string>()
  for (const key of updaters) {
    if (count <= maxUpdaters) return
    const owned = sets.get(key)
    if (owned === undefined) continue
    const { apiVersion } = owned
    const first = firstOf.get(apiVersion)
    if (first === undefined) {
      firstOf.set(apiVersion, key)
      continue
    }
    const bucket = managerKey({ manager: ancient, operation: 'Update', apiVersion, subresource: '' })
    const before = sets.get(bucket) ?? sets.get(first)
    if (!sets.has(bucket)) {
      sets.delete(first)
      times.delete(first)
    }
    sets.set(bucket, { ...owned, set: before === undefined ? owned.set : owned.set.union(before.set) })
    sets.delete(key)
    count--
    const time = times.get(key)
    times.delete(key)
    if (time !== undefined) times.set(bucket, time)
  }
}
