import { delimiter } from 'node:path'
import { findHelm } from '../../../tools/index.ts'

/** The helm to test with: one that `scripts/ci/clients.mjs` found, or the one that the engine would use; or none. */
export async function helmForTests(): Promise<string | undefined> {
  const named = process.env['SLUICE_TEST_HELMS']?.split(delimiter)[0]
  if (named) return named.slice(named.indexOf('=') + 1)
  return findHelm(process.env).then(
    found => found.path,
    () => undefined,
  )
}
