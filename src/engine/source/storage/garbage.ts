import { lstat, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** How long old artifacts stay (Flux: --artifact-retention-ttl, --artifact-retention-records). */
export interface Retention {
  /** An artifact that is not the current one goes when it is older. */
  readonly ttlMs: number
  /** Of the younger ones, so many stay, the current one included. */
  readonly records: number
}

/** Files of one object looked at in one go, as in Flux. */
const most = 1000

/** Removes what is beyond the retention in the folder of `current`, and leftovers of writes that were cut. Returns how many. */
export async function collectGarbage(current: string, retention: Retention, now: Date): Promise<number> {
  const folder = dirname(current)
  const found: { path: string; age: number }[] = []
  for (const entry of (await readdir(folder, { withFileTypes: true }).catch(() => [])).slice(0, most)) {
    const path = join(folder, entry.name)
    if (!entry.isFile() || path === current) continue
    const stat = await lstat(path).catch(() => undefined)
    if (stat !== undefined) found.push({ path, age: now.getTime() - stat.mtimeMs })
  }
  found.sort((a, b) => a.age - b.age)
  const kept = Math.max(0, retention.records - 1)
  const garbage = found.filter(
    ({ path, age }, at) => age > retention.ttlMs || (at >= kept && !basename(path).startsWith('.')),
  )
  for (const { path } of garbage) await rm(path, { force: true })
  return garbage.length
}
