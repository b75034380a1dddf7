import { delimiter } from 'node:path'

/** A client program under test. */
export interface Binary {
  /** Program and version, for the names of tests: `kubectl v1.35.2`. */
  readonly name: string
  readonly path: string
}

function named(list: string | undefined): readonly Binary[] {
  if (!list) return []
  return list.split(delimiter).map(entry => {
    const cut = entry.indexOf('=')
    return { name: entry.slice(0, cut), path: entry.slice(cut + 1) }
  })
}

/**
 * The programs that `scripts/ci/clients.mjs` found and checked, as `NAME=PATH` entries. Without that script there are
 * none, and the suites of this folder are skipped.
 */
export const kubectls: readonly Binary[] = named(process.env['SLUICE_TEST_KUBECTLS'])
export const helms: readonly Binary[] = named(process.env['SLUICE_TEST_HELMS'])
