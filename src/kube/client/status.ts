import { type ErrorCode, type ErrorFacts, SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { redact } from '../../secrets/secret.ts'
import type { Status } from './types.ts'

/** What a request was, as errors name it. */
export interface RequestFacts {
  readonly method: string
  /** Path without query. */
  readonly path: string
  readonly server: string
  /** The object or kind that the request was about, when known: `Deployment/default/web`. */
  readonly object?: string
}

/** The `metav1.Status` that a failure carries; undefined when the server sent none. */
export function statusOf(error: unknown): Status | undefined {
  const status = error instanceof SluiceError ? error.facts.details?.['status'] : undefined
  return isObject(status) ? (status as unknown as Status) : undefined
}

/** The HTTP status code of a failure that the server answered with. */
export function httpStatusOf(error: unknown): number | undefined {
  const code = error instanceof SluiceError ? error.facts.details?.['httpStatus'] : undefined
  return typeof code === 'number' ? code : undefined
}

function has(error: unknown, code: ErrorCode): boolean {
  return error instanceof SluiceError && error.code === code
}

/** The object (or its kind) is not in the cluster. */
export function isNotFound(error: unknown): boolean {
  return has(error, 'E_KUBE_NOT_FOUND') || has(error, 'E_KUBE_KIND_UNKNOWN')
}

/** The cluster has no such kind: its CRD is missing or not established. */
export function isKindUnknown(error: unknown): boolean {
  return has(error, 'E_KUBE_KIND_UNKNOWN')
}

/** A write met a newer version, or fields that another manager owns. */
export function isConflict(error: unknown): boolean {
  return has(error, 'E_KUBE_CONFLICT')
}

export function isAlreadyExists(error: unknown): boolean {
  return has(error, 'E_KUBE_ALREADY_EXISTS')
}

export function isForbidden(error: unknown): boolean {
  return has(error, 'E_KUBE_FORBIDDEN')
}

export function isUnauthorized(error: unknown): boolean {
  return has(error, 'E_KUBE_UNAUTHORIZED')
}

/** 422: the object breaks a rule of its kind. */
export function isInvalid(error: unknown): boolean {
  return has(error, 'E_KUBE_INVALID')
}

/** 410 Gone, or `Expired`: list again. */
export function isGone(error: unknown): boolean {
  return has(error, 'E_KUBE_GONE')
}

/** The server could not be reached, did not answer in time, or failed: trying later can help. */
export function isUnavailable(error: unknown): boolean {
  return (
    has(error, 'E_KUBE_UNREACHABLE') ||
    has(error, 'E_KUBE_TIMEOUT') ||
    has(error, 'E_KUBE_SERVER') ||
    has(error, 'E_KUBE_THROTTLED')
  )
}

/** Whether a parsed answer is a `metav1.Status`. */
export function isStatus(value: unknown): value is Status {
  return isObject(value) && value['kind'] === 'Status'
}

/** The error of an answer with a failing HTTP status, or of a Status in a watch stream. */
export function statusError(request: RequestFacts, httpStatus: number, status: Status | undefined): SluiceError {
  const code = codeOf(httpStatus, status?.reason)
  const message = status?.message ? redact(status.message) : `HTTP ${httpStatus}`
  const facts: ErrorFacts = {
    object: request.object ?? `${request.method} ${request.path}`,
    seen: message,
    details: {
      httpStatus,
      method: request.method,
      path: request.path,
      server: request.server,
      ...(status ? { status: cleaned(status) } : {}),
    },
  }
  const next = nextStep(code, request)
  return new SluiceError(code, next === undefined ? facts : { ...facts, next })
}

function codeOf(http: number, reason: string | undefined): ErrorCode {
  switch (reason) {
    case 'Conflict':
      return 'E_KUBE_CONFLICT'
    case 'AlreadyExists':
      return 'E_KUBE_ALREADY_EXISTS'
    case 'Expired':
    case 'Gone':
      return 'E_KUBE_GONE'
    case 'Invalid':
      return 'E_KUBE_INVALID'
    // `Timeout` is the server's own limit (504), `ServerTimeout` the storage's (500).
    case 'Timeout':
    case 'ServerTimeout':
      return 'E_KUBE_TIMEOUT'
  }
  switch (http) {
    case 401:
      return 'E_KUBE_UNAUTHORIZED'
    case 403:
      return 'E_KUBE_FORBIDDEN'
    case 404:
      return 'E_KUBE_NOT_FOUND'
    case 409:
      return 'E_KUBE_CONFLICT'
    case 410:
      return 'E_KUBE_GONE'
    case 422:
      return 'E_KUBE_INVALID'
    case 429:
      return 'E_KUBE_THROTTLED'
    case 408:
    case 504:
      return 'E_KUBE_TIMEOUT'
  }
  return http >= 500 ? 'E_KUBE_SERVER' : 'E_KUBE_REJECTED'
}

function nextStep(code: ErrorCode, request: RequestFacts): string | undefined {
  if (code === 'E_KUBE_UNAUTHORIZED') {
    return `Sign in to ${request.server} again (or fetch a fresh kubeconfig), then repeat the command.`
  }
  if (code === 'E_KUBE_FORBIDDEN') {
    return `Give the identity the right that the message names (see kubectl auth can-i --list), or use another one.`
  }
  return undefined
}

/** The Status with every text from outside redacted. */
function cleaned(status: Status): Status {
  return {
    ...status,
    ...(status.message === undefined ? {} : { message: redact(status.message) }),
    ...(status.details?.causes
      ? {
          details: {
            ...status.details,
            causes: status.details.causes.map(cause =>
              cause.message === undefined ? cause : { ...cause, message: redact(cause.message) },
            ),
          },
        }
      : {}),
  }
}
