import { z } from 'zod'
import { type ErrorCode, type ExitClass, errorAreas, errorEntry, SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { redact } from '../../secrets/secret.ts'
import { asStoreError } from '../../store/index.ts'
import type { Problem } from '../contract/problem.ts'

/** Statuses of errors of the server itself. */
const ownStatuses: Partial<Record<ErrorCode, number>> = {
  E_SIGNED_OUT: 401,
  E_SIGN_IN: 401,
  E_SIGN_IN_LIMIT: 429,
  E_FORBIDDEN: 403,
  E_NOT_FOUND: 404,
  E_CONNECTION_NOT_FOUND: 404,
  E_CONFLICT: 409,
  E_REQUEST_TYPE: 415,
  E_REQUEST_TOO_LARGE: 413,
  E_REQUEST_ORIGIN: 403,
  E_REQUEST_HOST: 421,
  E_REQUEST_LIMIT: 429,
  E_SETUP_LINK: 403,
  E_USER_EXISTS: 409,
  E_LAST_ADMINISTRATOR: 409,
  E_OIDC: 502,
  E_SERVER_BUSY: 503,
  E_STORE_UNREACHABLE: 503,
  E_INTERNAL: 500,
  E_ABORTED: 503,
  E_TIMEOUT: 504,
}

/** Of all others: what class of failure it is. None is the caller's own sign-in, so none is a 401. */
const classStatuses: Readonly<Record<ExitClass, number>> = {
  usage: 400,
  input: 422,
  credentials: 422,
  refused: 409,
  unreachable: 502,
  failure: 502,
}

const ownAreas = new Set<string>([...Object.keys(errorAreas.general), ...Object.keys(errorAreas.server)])

export function statusOf(code: ErrorCode): number {
  const own = ownStatuses[code]
  if (own !== undefined) return own
  const { exit } = errorEntry(code)
  if (ownAreas.has(code))
    return exit === 'failure' ? 500 : exit === 'input' || exit === 'usage' ? 400 : classStatuses[exit]
  return classStatuses[exit]
}

/** What is answered for a thrown value, and what is logged of it. Faults of our own give a reference and no more. */
export function problemOf(
  thrown: unknown,
  requestId: string,
  logger: Logger,
): { readonly status: number; readonly problem: Problem; readonly retryAfterSeconds?: number } {
  const error = asStoreError(thrown)
  if (error instanceof z.ZodError) return { status: 400, problem: invalid(error) }
  if (!(error instanceof SluiceError) || error.code === 'E_INTERNAL') {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    logger.error('a request failed by a fault of the server', { request: requestId, error: redact(text) })
    return {
      status: 500,
      problem: {
        error: {
          code: 'E_INTERNAL',
          message: errorEntry('E_INTERNAL').title,
          next: `The log of the server has the cause under the reference ${requestId}.`,
        },
      },
    }
  }
  const { object, expected, seen, details } = error.facts
  const status = statusOf(error.code)
  if (status >= 500)
    logger.warn('a request failed', { request: requestId, code: error.code, error: redact(error.message) })
  const retry = details?.['retryAfterSeconds']
  const fields = details?.['fields']
  return {
    status,
    problem: {
      error: {
        code: error.code,
        message: redact(error.message),
        ...(object === undefined ? {} : { object: redact(object) }),
        ...(expected === undefined ? {} : { expected: redact(expected) }),
        ...(seen === undefined ? {} : { seen: redact(seen) }),
        next: redact(error.next),
        ...(Array.isArray(fields) ? { fields: fields as NonNullable<Problem['error']['fields']> } : {}),
      },
    },
    ...(typeof retry === 'number' ? { retryAfterSeconds: retry } : {}),
  }
}

function invalid(error: z.ZodError): Problem {
  const fields = error.issues.slice(0, 50).map(({ path, message }) => ({
    path: path.map(step => (typeof step === 'number' ? step : String(step))),
    message,
  }))
  const named = fields.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
  return {
    error: {
      code: 'E_REQUEST_INVALID',
      message: `${errorEntry('E_REQUEST_INVALID').title}: ${named.slice(0, 3).join('; ')}`,
      next: errorEntry('E_REQUEST_INVALID').fix,
      fields,
    },
  }
}
