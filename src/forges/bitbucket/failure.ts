import type { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { type Doing, type MissingRight, refusalError } from '../failure.ts'
import type { TransportAnswer } from '../transport.ts'

/** A refusal of Bitbucket Cloud as an error that says what to do. */
export function bitbucketFailure(answer: TransportAnswer, doing: Doing): SluiceError {
  return refusalError(answer, doing, { host: 'Bitbucket', missingRight })
}

/** `{"error": {"message": "…privilege scopes.", "detail": {"required": ["repository:write"], "granted": ["account"]}}}`. */
function missingRight(answer: TransportAnswer, said: string): MissingRight | undefined {
  const error = isObject(answer.body) && isObject(answer.body['error']) ? answer.body['error'] : {}
  const detail = isObject(error['detail']) ? error['detail'] : {}
  const required = Array.isArray(detail['required']) ? detail['required'].map(String) : []
  if (required.length === 0 && !/privilege scopes/i.test(said)) return undefined
  const list = required.length === 0 ? 'for this call' : required.join(' and ')
  return {
    expected: `the scope ${list}`,
    next: `Make a new token with the scope ${list}: Bitbucket cannot change the scopes of a token.`,
  }
}
