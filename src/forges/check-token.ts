import type { CheckLine } from './checklist.ts'
import type { Forge, TokenTarget } from './types.ts'

/**
 * Looks, without writing anything, whether a token is good for a repository, from the token's shape to the rules of the
 * branch. Yields a line for each check as it is known; the first failure stops what depends on it.
 */
export function checkToken(forge: Forge, target: TokenTarget, signal?: AbortSignal): AsyncGenerator<CheckLine> {
  return forge.check(target, signal)
}
