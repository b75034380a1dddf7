import { type CheckLine, runChecklist } from './checklist.ts'
import { gitHubChecks } from './github/checks.ts'
import { GitHubForge } from './github/forge.ts'
import type { Forge } from './types.ts'

/** What a token shall be good for. */
export interface TokenTarget {
  readonly owner: string
  /** Whether `owner` is the token's own account. */
  readonly personal: boolean
  readonly repository: string
  readonly branch: string
  /** Whether the repository is (or will be) private; true when absent. */
  readonly private?: boolean
}

/**
 * Looks, without writing anything, whether a token is good for a repository, from the token's shape to the rules of the
 * branch. Yields a line for each check as it is known; the first failure stops what depends on it.
 */
export function checkToken(forge: Forge, target: TokenTarget, signal?: AbortSignal): AsyncGenerator<CheckLine> {
  if (!(forge instanceof GitHubForge)) throw new TypeError(`no checks for a forge of kind ${forge.kind}`)
  return runChecklist(gitHubChecks, { forge, target }, { clock: forge.clock, ...(signal && { signal }) })
}
