import { FieldSet } from '../fieldset/field-set.ts'
import { compareBytes } from '../fieldset/go-json.ts'
import { type Managed, managerKey, seconds } from './managers.ts'

/** More updaters than this are merged into one entry a version (apimachinery `capmanagers`). */
const maxUpdaters = 10
const ancient = 'ancient-changes'

/** Keeps the number of updaters' entries bounded: the oldest of a version are merged into one. Changes `managed`. */
export function capUpdaters({ sets, times }: Managed): void {
  const updaters = [...sets].filter(([, owned]) => !owned.applied).map(([key]) => key)
  if (updaters.length <= maxUpdaters) return
  updaters.sort((a, b) => seconds(times.get(a)) - seconds(times.get(b)) || compareBytes(a, b))
  /** The oldest entry of each version that was met; once there is a second one, the bucket that holds both. */
  const oldest = new Map<string, string>()
  for (const key of updaters) {
    if (countUpdaters(sets) <= maxUpdaters) return
    const owned = sets.get(key)
    if (owned === undefined) continue
    const { apiVersion } = owned
    const before = oldest.get(apiVersion)
    if (before === key) continue
    if (before === undefined) {
      oldest.set(apiVersion, key)
      continue
    }
    const bucket = managerKey({ manager: ancient, operation: 'Update', apiVersion, subresource: '' })
    const set = owned.set.union(sets.get(before)!.set).union(sets.get(bucket)?.set ?? FieldSet.empty)
    // The time of the newest that is in it: entries come oldest first, but the bucket may be newer.
    const time = seconds(times.get(bucket)) > seconds(times.get(key)) ? times.get(bucket) : times.get(key)
    for (const gone of [key, before]) {
      sets.delete(gone)
      times.delete(gone)
    }
    sets.set(bucket, { ...owned, set })
    if (time !== undefined) times.set(bucket, time)
    oldest.set(apiVersion, bucket)
  }
}

function countUpdaters(sets: Managed['sets']): number {
  let count = 0
  for (const owned of sets.values()) if (!owned.applied) count++
  return count
}
