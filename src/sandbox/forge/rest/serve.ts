import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isObject } from '../../../base/json.ts'
import { accountById } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import type { ForgeContext } from '../context.ts'
import { type RestAnswer, RestFailure } from './answer.ts'
import { countRequest, type Rate } from './rate.ts'
import { findRoute } from './routes.ts'

const maxBodyBytes = 1024 * 1024
const prefix = '/api/v3'

/** Serves one request of the REST API. */
export async function serveRest(
  context: ForgeContext,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const rate = countRequest(context, caller, url.pathname)
  const headers = commonHeaders(context, caller, rate)
  try {
    if (request.headers['user-agent'] === undefined) {
      throw new RestFailure(
        403,
        'Request forbidden by administrative rules. Please make sure your request has a User-Agent header.',
      )
    }
    if (caller.kind === 'refused' || (caller.kind === 'known' && caller.token.api !== 'github'))
      throw new RestFailure(401, 'Bad credentials')
    if (rate.exceeded) throw new RestFailure(403, 'API rate limit exceeded.', { headers: { 'retry-after': '60' } })
    const path = url.pathname.slice(prefix.length) || '/'
    const found = findRoute(request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'), path)
    if (!found) throw new RestFailure(404, 'Not Found')
    if (caller.kind === 'known' && caller.token.kind === 'classic') {
      headers['x-accepted-oauth-scopes'] = found.route.scopes ?? ''
    } else if (caller.kind === 'known' && found.route.permissions) {
      headers['x-accepted-github-permissions'] = found.route.permissions
    }
    const body = await readBody(request)
    const answer = await found.route.handle({ context, caller, url, params: found.params, body, raw: request })
    send(request, response, answer, headers)
  } catch (error) {
    if (!(error instanceof RestFailure)) throw error
    const body = {
      message: error.message,
      ...(error.errors && { errors: error.errors }),
      documentation_url: 'https://docs.github.com/rest',
      status: String(error.status),
    }
    send(request, response, { status: error.status, body, headers: error.headers }, headers)
  }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: RestAnswer,
  headers: Record<string, string>,
): void {
  Object.assign(headers, answer.headers)
  const status = answer.status ?? 200
  if (answer.body === undefined) {
    response.writeHead(status, headers).end()
    return
  }
  const text = JSON.stringify(answer.body)
  headers['content-type'] = 'application/json; charset=utf-8'
  if (status === 200 && (request.method === 'GET' || request.method === 'HEAD')) {
    headers['etag'] = `W/"${createHash('sha256').update(text).digest('hex')}"`
    headers['cache-control'] = 'private, max-age=60, s-maxage=60'
    if (request.headers['if-none-match'] === headers['etag']) {
      delete headers['content-type']
      response.writeHead(304, headers).end()
      return
    }
  }
  headers['content-length'] = String(Buffer.byteLength(text))
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : text)
}

function commonHeaders(context: ForgeContext, caller: Caller, rate: Rate): Record<string, string> {
  const headers: Record<string, string> = {
    server: 'github.com',
    'x-github-media-type': 'github.v3; format=json',
    'x-github-enterprise-version': '3.16.0',
    'x-github-api-version-selected': '2022-11-28',
    'x-ratelimit-limit': String(rate.limit),
    'x-ratelimit-remaining': String(rate.remaining),
    'x-ratelimit-used': String(rate.used),
    'x-ratelimit-reset': String(rate.reset),
    'x-ratelimit-resource': 'core',
    'x-content-type-options': 'nosniff',
  }
  if (caller.kind !== 'known') return headers
  const { token } = caller
  if (token.kind === 'classic') headers['x-oauth-scopes'] = token.scopes.join(', ')
  if (token.expiresAt !== undefined) {
    headers['github-authentication-token-expiration'] = `${token.expiresAt.slice(0, 19).replace('T', ' ')} UTC`
  }
  const missing = ssoMissing(context, caller)
  if (missing.length > 0) headers['x-github-sso'] = `partial-results; organizations=${missing.join(',')}`
  return headers
}

/** Ids of the caller's organizations that the token is not authorized for. */
function ssoMissing(context: ForgeContext, caller: Extract<Caller, { kind: 'known' }>): number[] {
  if (caller.token.kind !== 'classic') return []
  const rows = context.store.prepare('SELECT organization FROM members WHERE account = ?').all(caller.user.id)
  return rows
    .map(row => accountById(context.store, (row as { organization: number }).organization)!)
    .filter(organization => organization.requiresSso && !caller.token.sso.includes(organization.id))
    .map(organization => organization.id)
}

/** The JSON body of a request; an empty object without one. Fails with 400 or 413. */
export async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > maxBodyBytes) throw new RestFailure(413, 'The request body is too large')
    chunks.push(chunk as Buffer)
  }
  if (size === 0) return {}
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    if (isObject(value)) return value
  } catch {
    throw new RestFailure(400, 'Problems parsing JSON')
  }
  throw new RestFailure(400, 'Body should be a JSON object')
}
