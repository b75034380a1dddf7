import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller } from '../caller.ts'
import type { ForgeContext } from '../context.ts'
import { type RestAnswer, RestFailure } from '../rest/answer.ts'
import { routeFinder } from '../rest/routes.ts'
import { readBody } from '../rest/serve.ts'
import { branchRoutes } from './branches.ts'
import { deployRoutes } from './deploy.ts'
import { FieldFailure } from './field-failure.ts'
import { groupRoutes } from './groups.ts'
import { ScopeFailure } from './guard.ts'
import { hookRoutes } from './hooks.ts'
import { mergeRequestRoutes } from './merge-requests.ts'
import { projectRoutes } from './projects.ts'
import { userRoutes } from './users.ts'

const prefix = '/api/v4'

/** Every operation of GitLab's API that this forge has. */
export const gitLabRoutes = [
  ...userRoutes,
  ...groupRoutes,
  ...projectRoutes,
  ...branchRoutes,
  ...deployRoutes,
  ...hookRoutes,
  ...mergeRequestRoutes,
]

const findRoute = routeFinder(gitLabRoutes)

/** Serves one request of GitLab's REST API, on the same accounts and repositories as the other one. */
export async function serveGitLab(
  context: ForgeContext,
  caller: Caller,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  try {
    if (caller.kind === 'refused') return send(response, { status: 401, body: refusal(caller.why) })
    if (caller.kind === 'known' && caller.token.api !== 'gitlab') throw new RestFailure(401, '401 Unauthorized')
    const path = url.pathname.slice(prefix.length) || '/'
    const found = findRoute(request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET'), path)
    if (!found) return send(response, { status: 404, body: { error: '404 Not Found' } })
    const body = await readBody(request)
    send(response, await found.route.handle({ context, caller, url, params: found.params, body, raw: request }))
  } catch (error) {
    if (!(error instanceof RestFailure)) throw error
    send(response, { status: error.status, body: failureBody(error), headers: error.headers })
  }
}

function failureBody(error: RestFailure): unknown {
  if (error instanceof ScopeFailure)
    return { error: 'insufficient_scope', error_description: error.message, scope: error.scopes.join(' ') }
  return { message: error instanceof FieldFailure ? error.fields : error.message }
}

function refusal(why: 'unknown' | 'expired' | 'revoked'): unknown {
  if (why === 'unknown') return { message: '401 Unauthorized' }
  const description =
    why === 'expired'
      ? 'Token is expired. You can either do re-authorization or token refresh.'
      : 'Token was revoked. You have to re-authorize from the user.'
  return { error: 'invalid_token', error_description: description }
}

function send(response: ServerResponse, answer: RestAnswer): void {
  const headers: Record<string, string> = { ...answer.headers, 'x-gitlab-meta': '{"version":"1"}' }
  if (answer.body === undefined) {
    response.writeHead(answer.status ?? 204, headers).end()
    return
  }
  headers['content-type'] = 'application/json'
  response.writeHead(answer.status ?? 200, headers).end(JSON.stringify(answer.body))
}
