import type { SluiceError } from '../../base/errors/index.ts'
import { type Doing, type MissingRight, refusalError } from '../failure.ts'
import type { TransportAnswer } from '../transport.ts'

/** A refusal of Gitea or Forgejo as an error that says what to do. */
export function giteaFailure(answer: TransportAnswer, doing: Doing): SluiceError {
  return refusalError(answer, doing, { host: 'Gitea', missingRight })
}

/**
 * The scopes that a refusal names: `token does not have at least one of required scope(s): [read:user]`, since 1.23
 * `…, required=[read:user], token scope=write:repository`.
 */
export function namedScopes(said: string): { readonly wanted: string[]; readonly has: string | undefined } | undefined {
  const found = /required scope\(s\)[:,]?\s*(?:required=)?\[([^\]]*)\](?:.*token scope=([\w:,]+))?/i.exec(said)
  if (!found) return undefined
  return { wanted: (found[1] ?? '').split(/[\s,]+/).filter(scope => scope !== ''), has: found[2] }
}

function missingRight(_answer: TransportAnswer, said: string): MissingRight | undefined {
  const scopes = namedScopes(said)
  if (!scopes) return undefined
  const list = scopes.wanted.join(' or ')
  return {
    expected: `the scope ${list}`,
    next: `Make a new token with the scope ${list}${scopes.has === undefined ? '' : ` beside ${scopes.has}`}: Gitea cannot change the scopes of a token.`,
  }
}
