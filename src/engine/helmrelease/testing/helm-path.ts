import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { carriedHelm, findHelm } from '../../../tools/index.ts'

/** The helm to test with: one that `scripts/ci/clients.mjs` found or has fetched, or the one that the engine would use. */
export async function helmForTests(): Promise<string | undefined> {
  const named = process.env['SLUICE_TEST_HELMS']?.split(delimiter)[0]
  if (named) return named.slice(named.indexOf('=') + 1)
  return findHelm(process.env).then(
    found => found.path,
    () => {
      const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
      const fetched = join(cache, 'sluice', 'clients', `helm-${carriedHelm.sha256.slice(0, 12)}`)
      return existsSync(fetched) ? fetched : undefined
    },
  )
}
