import type { FieldError } from '../../../kube/field-error.ts'
import { causesOf } from '../../../kube/field-error-format.ts'

/** One cause of a Status. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** `metav1.Status` as the server sends it. */
export interface StatusBody {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, unknown>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code?: number
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: readonly StatusCause[]
  retryAfterSeconds?: number
}

/** What a message is about: `configmaps` of group '', named `a`. */
export interface Subject {
  readonly group: string
  /** The plural, or the kind in 422 answers. */
  readonly resource: string
  readonly name: string
}

/** An answer other than success, thrown anywhere below a verb and turned into a Status by the server. */
export class StatusError extends Error {
  readonly status: StatusBody

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message)
    this.name = 'StatusError'
    const status: StatusBody = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message }
    if (reason !== '') status.reason = reason
    if (details) status.details = details
    status.code = code
    this.status = status
  }

  get code(): number {
    return this.status.code ?? 500
  }
}

/** `configmaps`, `deployments.apps`: how apimachinery prints a GroupResource. */
export function qualified(group: string, resource: string): string {
  return group === '' ? resource : `${resource}.${group}`
}

function detailsOf({ group, resource, name }: Subject, causes?: readonly StatusCause[]): StatusDetails {
  const details: StatusDetails = {}
  if (name !== '') details.name = name
  if (group !== '') details.group = group
  if (resource !== '') details.kind = resource
  if (causes) details.causes = causes
  return details
}

export function notFound(subject: Subject): StatusError {
  const what = `${qualified(subject.group, subject.resource)} "${subject.name}"`
  return new StatusError(404, 'NotFound', `${what} not found`, detailsOf(subject))
}

/** No such resource in a group and version that is served. */
export function pathNotFound(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {})
}

/** Thrown for paths that nobody serves: the answer is Go's plain `404 page not found`. */
export class PageNotFound extends Error {}

export function alreadyExists(subject: Subject, deleting = false): StatusError {
  const what = `${qualified(subject.group, subject.resource)} "${subject.name}"`
  const message = `${deleting ? 'object is being deleted: ' : ''}${what} already exists`
  return new StatusError(409, 'AlreadyExists', message, detailsOf(subject))
}

export function conflict(subject: Subject, why: string): StatusError {
  const what = `${qualified(subject.group, subject.resource)} "${subject.name}"`
  return new StatusError(409, 'Conflict', `Operation cannot be fulfilled on ${what}: ${why}`, detailsOf(subject))
}

export function forbidden(subject: Subject, why: string): StatusError {
  const what = qualified(subject.group, subject.resource)
  const message =
    what === ''
      ? `forbidden: ${why}`
      : subject.name === ''
        ? `${what} is forbidden: ${why}`
        : `${what} "${subject.name}" is forbidden: ${why}`
  return new StatusError(403, 'Forbidden', message, detailsOf(subject))
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message)
}

export function methodNotAllowed(): StatusError {
  return new StatusError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

/** 422 with one cause for each field error; `subject.resource` is the kind. */
export function invalid(subject: Subject, errors: readonly FieldError[]): StatusError {
  const causes = causesOf(errors)
  const what = `${qualified(subject.group, subject.resource)} "${subject.name}" is invalid`
  const texts = [...new Set(causes.map(cause => `${cause.field ?? ''}: ${cause.message}`))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  const message = texts.length === 0 ? what : `${what}: ${list}`
  return new StatusError(422, 'Invalid', message, detailsOf(subject, causes))
}

/** 410: the version asked for is no longer kept. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message)
}

/** 504 with a cause that clients know: the version asked for has not been given out yet. */
export function tooLargeVersion(asked: number, current: number): StatusError {
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

export function unauthorized(): StatusError {
  return new StatusError(401, 'Unauthorized', 'Unauthorized')
}

export function entityTooLarge(message: string): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', message)
}

export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, 'UnsupportedMediaType', message)
}

export function notAcceptable(message: string): StatusError {
  return new StatusError(406, 'NotAcceptable', message)
}

export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, {
    causes: [{ message }],
  })
}

/** 500 without a reason: what apiserver makes of plain errors. */
export function internalStatus(message: string): StatusError {
  return new StatusError(500, '', message)
}
