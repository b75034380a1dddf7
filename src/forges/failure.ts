import { SluiceError } from '../base/errors/index.ts'
import { messageOf, type TransportAnswer } from './transport.ts'

/** What was asked for, to word a failure. */
export interface Doing {
  /** What it was about: `repository acme/fleet`. */
  readonly object: string
  /** What was to be done, after "to": `create a repository`. */
  readonly act: string
}

/** A right that a token lacks, as the host's answer tells it. */
export interface MissingRight {
  /** `the scope api`. */
  readonly expected?: string
  /** What the person does. */
  readonly next?: string
}

/** How one kind of host words its refusals. */
export interface RefusalWords {
  /** `GitLab`. */
  readonly host: string
  /** The right that an answer says is missing; undefined when it says nothing of the kind. */
  readonly missingRight: (answer: TransportAnswer, said: string) => MissingRight | undefined
}

const redirects = new Set([301, 302, 303, 307, 308])

/** A refusal of a host as an error that says what to do. */
export function refusalError(answer: TransportAnswer, doing: Doing, words: RefusalWords): SluiceError {
  const said = messageOf(answer.body)
  const { object } = doing
  const details = { status: answer.status, hostSaid: said }
  const seen = said === '' ? `status ${answer.status}` : said
  if (redirects.has(answer.status)) {
    return new SluiceError('E_FORGE_REPOSITORY_MOVED', {
      object,
      seen: `a redirect (status ${answer.status})`,
      details,
    })
  }
  if (answer.status === 401 || answer.status === 403) {
    const missing = words.missingRight(answer, said)
    if (missing) {
      return new SluiceError('E_TOKEN_SCOPE', {
        object,
        expected: missing.expected ?? `a token that may ${doing.act}`,
        seen,
        ...(missing.next !== undefined && { next: missing.next }),
        details,
      })
    }
  }
  if (answer.status === 401) {
    return new SluiceError(/token (?:is|has) expired/i.test(said) ? 'E_TOKEN_EXPIRED' : 'E_TOKEN_REFUSED', {
      object,
      seen,
      details,
    })
  }
  if (answer.status === 403) {
    if (/archived/i.test(said)) return new SluiceError('E_FORGE_REPOSITORY_ARCHIVED', { object, seen, details })
    return new SluiceError('E_FORGE_FORBIDDEN', { object, expected: `the right to ${doing.act}`, seen, details })
  }
  if (answer.status === 404) return new SluiceError('E_FORGE_REPOSITORY_NOT_FOUND', { object, seen, details })
  if (answer.status === 400 || answer.status === 409 || answer.status === 422)
    return new SluiceError('E_FORGE_INVALID_REQUEST', { object, seen, details })
  return new SluiceError('E_FORGE_NOT_A_FORGE', { object, expected: `an answer of ${words.host}`, seen, details })
}
