import type { IncomingMessage } from 'node:http'
import { isObject } from '../../../base/json.ts'
import type { Caller } from '../caller.ts'
import type { ForgeContext } from '../context.ts'

/** A REST request that found its route. */
export interface RestRequest {
  readonly context: ForgeContext
  readonly caller: Caller
  readonly url: URL
  /** The parts of the path that the route names, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The JSON body; an empty object when there is none. */
  readonly body: Readonly<Record<string, unknown>>
  readonly raw: IncomingMessage
}

/** What a route answers. */
export interface RestAnswer {
  readonly status?: number
  /** JSON; no body when absent. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/repos/:owner/:repo/contents/*path`: `:name` is one part, `*name` the rest. */
  readonly path: string
  /** What `X-Accepted-OAuth-Scopes` says. */
  readonly scopes?: string
  /** What `X-Accepted-GitHub-Permissions` says. */
  readonly permissions?: string
  readonly handle: (request: RestRequest) => RestAnswer | Promise<RestAnswer>
}

/** One entry of `errors` in a 422. */
export interface FieldProblem {
  readonly resource: string
  readonly field?: string
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'custom'
  readonly message?: string
}

/** An answer other than success; caught by the server of the API and never leaves it. */
export class RestFailure extends Error {
  readonly status: number
  readonly errors: readonly FieldProblem[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    message: string,
    more: { errors?: readonly FieldProblem[]; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.errors = more.errors
    this.headers = more.headers ?? {}
  }
}

/** `404 Not Found`, also for what the caller must not know of. */
export function notFound(message = 'Not Found'): RestFailure {
  return new RestFailure(404, message)
}

/** `422 Validation Failed` for one field. */
export function invalid(problem: FieldProblem, message = 'Validation Failed'): RestFailure {
  return new RestFailure(422, message, { errors: [problem] })
}

/** Throws what a fine-grained token without a permission gets. */
export function noPermission(): RestFailure {
  return new RestFailure(403, 'Resource not accessible by personal access token')
}

/** A field of the body as text; undefined when it is not there. Fails with 422 when it is something else. */
export function textField(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw wrongType(name, 'a string')
  return value
}

/** A field of the body as truth value; undefined when it is not there. Fails with 422 when it is something else. */
export function flagField(body: Readonly<Record<string, unknown>>, name: string): boolean | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean')
  return value
}

/** A field of the body as object; undefined when it is not there. Fails with 422 when it is something else. */
export function objectField(
  body: Readonly<Record<string, unknown>>,
  name: string,
): Record<string, unknown> | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw wrongType(name, 'an object')
  return value
}

/** A field of the body as list of texts; undefined when it is not there. Fails with 422 when it is something else. */
export function textsField(body: Readonly<Record<string, unknown>>, name: string): string[] | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || value.some(item => typeof item !== 'string'))
    throw wrongType(name, 'an array of strings')
  return value as string[]
}

function wrongType(name: string, expected: string): RestFailure {
  return new RestFailure(422, `Invalid request.\n\nFor 'properties/${name}', the value is not ${expected}.`)
}

/** One page of a list, with the `Link` header that leads to the others. */
export function paged(request: RestRequest, items: readonly unknown[]): RestAnswer {
  const { url } = request
  const number = (name: string, fallback: number, max: number) => {
    const value = Number(url.searchParams.get(name) ?? fallback)
    return Number.isInteger(value) && value >= 1 ? Math.min(value, max) : fallback
  }
  const size = number('per_page', 30, 100)
  const page = number('page', 1, 1_000_000)
  const last = Math.max(1, Math.ceil(items.length / size))
  const at = (target: number) => {
    const to = new URL(url)
    to.searchParams.set('page', String(target))
    return to.href
  }
  const links: string[] = []
  if (page > 1) links.push(`<${at(page - 1)}>; rel="prev"`)
  if (page < last) links.push(`<${at(page + 1)}>; rel="next"`, `<${at(last)}>; rel="last"`)
  if (page > 1) links.push(`<${at(1)}>; rel="first"`)
  return {
    body: items.slice((page - 1) * size, page * size),
    ...(links.length > 0 && { headers: { link: links.join(', ') } }),
  }
}
