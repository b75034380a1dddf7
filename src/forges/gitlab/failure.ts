import type { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { type Doing, type MissingRight, refusalError } from '../failure.ts'
import type { TransportAnswer } from '../transport.ts'

/** A refusal of GitLab as an error that says what to do. */
export function gitLabFailure(answer: TransportAnswer, doing: Doing): SluiceError {
  return refusalError(answer, doing, { host: 'GitLab', missingRight })
}

/** `{"error": "insufficient_scope", "scope": "api read_api"}`: any one of the scopes would do. */
function missingRight(answer: TransportAnswer, said: string): MissingRight | undefined {
  const body = isObject(answer.body) ? answer.body : {}
  if (body['error'] !== 'insufficient_scope' && !/insufficient_scope|higher privileges than provided/i.test(said))
    return undefined
  const wanted = typeof body['scope'] === 'string' ? body['scope'].split(/[\s,]+/).filter(scope => scope !== '') : []
  const scopes = wanted.length === 0 ? ['api'] : wanted
  const words = scopes.length === 1 ? `the scope ${scopes[0]}` : `one of the scopes ${scopes.join(', ')}`
  return {
    expected: words,
    next: `GitLab cannot change the scopes of a token: make a new one with ${scopes.includes('api') ? 'the scope api' : words}.`,
  }
}
