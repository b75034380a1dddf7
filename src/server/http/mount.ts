import { randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { z } from 'zod'
import { allows, allowsSomewhere, type Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { cannotWrite } from '../../store/index.ts'
import type { AuditEntry } from '../audit.ts'
import type { ServerContext } from '../context.ts'
import { readBody, readJson } from './body.ts'
import { sessionCookie } from './cookies.ts'
import { setSecurityHeaders } from './headers.ts'
import { type Arrival, arrivalOf, requireHost, requireSameOrigin } from './origin.ts'
import { problemOf } from './problem.ts'
import type { RateLimiter } from './rate-limit.ts'
import { type AnyRoute, type AuditFacts, type Input, routeFaults } from './route.ts'

interface Facts extends Arrival {
  readonly id: string
  readonly origin: string
}

export interface MountOptions {
  readonly context: ServerContext
  readonly routes: readonly AnyRoute[]
  readonly limiter: RateLimiter
  /** Answers what is no route: files of the console. */
  readonly fallback: (http: Context) => Promise<Response> | Response
}

declare module 'hono' {
  interface ContextVariableMap {
    facts: { readonly id: string; readonly origin: string } & Arrival
    raw: Buffer
  }
}

/** The whole application: every route behind the same checks, in the same order. */
export function mount({ context, routes, limiter, fallback }: MountOptions): Hono {
  const faults = routeFaults(routes)
  if (faults.length > 0) throw new SluiceError('E_INTERNAL', { object: 'routes', seen: faults.join('; ') })
  const app = new Hono()
  const { metrics, clock, logger, front } = context

  app.use('*', async (http, next) => {
    const started = clock.monotonic()
    const id = randomUUID()
    let secure = front.tls
    try {
      const arrival = arrivalOf(front, peerOf(http), name => http.req.header(name))
      // Probes come by the address of the container, not by a name of ours.
      const origin = isProbe(http.req.path) ? '' : requireHost(front, arrival)
      // A proxy that does not tell the scheme: the address that browsers use does.
      secure = origin === '' ? arrival.secure : origin.startsWith('https:')
      http.set('facts', { ...arrival, secure, id, origin })
      await next()
    } catch (error) {
      http.res = failed(http, error, id, context)
    }
    setSecurityHeaders(http.res.headers, { secure, requestId: id })
    const route = routeName(http)
    metrics.increment('sluice_http_requests_total', { method: http.req.method, route, code: String(http.res.status) })
    metrics.observe('sluice_http_request_duration_seconds', { route }, (clock.monotonic() - started) / 1000)
  })
  for (const route of routes) {
    app.on(route.method.toUpperCase(), route.path.replace(/\{(\w+)\}/g, ':$1'), async http => {
      http.set('routeName' as never, route.path as never)
      return answer(http, route, context, limiter)
    })
  }
  app.all('/api/*', () => {
    throw new SluiceError('E_NOT_FOUND', { object: 'this address of the API' })
  })
  app.get('*', http => fallback(http))
  app.notFound(http => failed(http, new SluiceError('E_NOT_FOUND'), http.get('facts')?.id ?? '', context))
  app.onError((error, http) => failed(http, error, http.get('facts')?.id ?? '', context))
  logger.debug('routes mounted', { count: routes.length })
  return app
}

async function answer(http: Context, route: AnyRoute, context: ServerContext, limiter: RateLimiter): Promise<Response> {
  // Hono gives HEAD to GET: a stream would be opened that nobody reads.
  if (http.req.raw.method === 'HEAD' && route.answer === undefined) throw new SluiceError('E_NOT_FOUND')
  const facts: Facts = http.get('facts')
  const principal = await principalOf(http, context, facts).catch(error => {
    // Wrong tokens are requests too: they ask the database.
    limiter.take(facts.address)
    throw error
  })
  if (!isProbe(route.path)) limiter.take(principal?.session ?? principal?.token ?? facts.address)
  if (route.method !== 'get' && route.rawBody !== true && principal?.token === undefined) {
    requireSameOrigin(facts.origin, name => http.req.header(name), sessionCookie(http, facts) !== undefined)
  }
  const notes: AuditFacts[] = []
  let input: Input<unknown, unknown, unknown> | undefined
  let response: Response
  try {
    requireCoarse(route, principal)
    input = await inputOf(http, route, context)
    await requireScope(route, principal, input)
    requireRoom(route, context)
    const result = await route.handle({
      ...input,
      principal,
      get who() {
        return known(principal)
      },
      request: { id: facts.id, address: facts.address, secure: facts.secure },
      note: more => notes.push(more),
      http,
    })
    response = responseOf(http, route, result)
  } catch (error) {
    const code = error instanceof SluiceError ? error.code : undefined
    const refused =
      code === 'E_FORBIDDEN' || code === 'E_SIGN_IN' || code === 'E_SIGN_IN_LIMIT' || code === 'E_SETUP_LINK'
    // Requests of nobody are not written down, but for those that try to become somebody.
    if (principal !== undefined || refused) {
      notes.push({ detail: { error: code ?? (error instanceof z.ZodError ? 'E_REQUEST_INVALID' : 'E_INTERNAL') } })
      await audited(route, input, notes, context, principal, facts, refused ? 'refused' : 'failed').catch(() => {})
    }
    throw error
  }
  // Not above: what is done did not fail because it cannot be written down.
  const outcome = response.status === 202 ? 'started' : 'done'
  await audited(route, input, notes, context, principal, facts, outcome, 'later')
  return response
}

/** What cannot be written into the audit log is not begun. Fails with E_STORE_UNREACHABLE. */
function requireRoom({ method, audit }: AnyRoute, { store }: ServerContext): void {
  const why = store.trouble()
  if (why !== undefined && method !== 'get' && audit !== undefined && !('none' in audit)) throw cannotWrite(why)
}

function requireCoarse(route: AnyRoute, principal: Principal | undefined): void {
  const { needs } = route
  if (typeof needs === 'object' && 'public' in needs) return
  const { grants } = known(principal)
  if (needs === 'signed-in') return
  if (!allowsSomewhere(grants, needs.role)) throw forbidden(route, needs.role)
  // What needs no look at the request is decided before it is read.
  if (typeof needs.scope === 'object' && !allows(grants, needs.role, needs.scope)) throw forbidden(route, needs.role)
}

async function requireScope(
  route: AnyRoute,
  principal: Principal | undefined,
  input: Input<unknown, unknown, unknown>,
): Promise<void> {
  const { needs } = route
  if (needs === 'signed-in' || 'public' in needs || needs.scope === 'somewhere') return
  const who = known(principal)
  const scope = typeof needs.scope === 'function' ? await needs.scope({ ...input, who }) : needs.scope
  if (allows(who.grants, needs.role, scope)) return
  const all = scope.project === '*' && scope.environment === '*'
  throw forbidden(route, `${needs.role} of ${all ? 'everything' : `${scope.project}/${scope.environment}`}`)
}

function forbidden({ method, path }: AnyRoute, role: string): SluiceError {
  return new SluiceError('E_FORBIDDEN', { object: `${method.toUpperCase()} ${path}`, expected: `the role ${role}` })
}

function known(principal: Principal | undefined): Principal {
  if (principal === undefined) throw new SluiceError('E_SIGNED_OUT')
  return principal
}

async function inputOf(
  http: Context,
  route: AnyRoute,
  context: ServerContext,
): Promise<Input<unknown, unknown, unknown>> {
  const query = Object.fromEntries(new URL(http.req.url).searchParams)
  if (route.rawBody === true) http.set('raw', await readBody(http, route.maxBodyBytes))
  return {
    context,
    params: route.params?.parse(http.req.param()),
    query: route.query?.parse(query),
    body: route.body?.parse(await readJson(http, route.maxBodyBytes)),
  }
}

async function principalOf(http: Context, context: ServerContext, facts: Facts): Promise<Principal | undefined> {
  const { sessions, tokens } = context.access
  const header = http.req.header('authorization')
  if (header !== undefined) {
    const [, text] = /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(header) ?? []
    const found = text === undefined ? undefined : await tokens.find(text)
    // A token that is wrong is said so, even where none is needed.
    if (found === undefined)
      throw new SluiceError('E_SIGNED_OUT', { seen: 'an API token that is unknown or has ended' })
    return found
  }
  const cookie = facts.origin === '' ? undefined : sessionCookie(http, facts)
  return cookie === undefined ? undefined : sessions.find(cookie)
}

function responseOf(http: Context, route: AnyRoute, result: unknown): Response {
  if (result instanceof Response) return result
  if (route.answer === undefined) return http.body(null, 204)
  const done = route.answer.safeParse(result)
  if (!done.success)
    throw new SluiceError('E_INTERNAL', {
      object: route.path,
      seen: `an answer that is not as declared: ${z.prettifyError(done.error)}`,
    })
  return http.json(done.data as never, (route.status ?? 200) as ContentfulStatusCode)
}

async function audited(
  { audit }: AnyRoute,
  input: Input<unknown, unknown, unknown> | undefined,
  notes: readonly AuditFacts[],
  context: ServerContext,
  principal: Principal | undefined,
  facts: Facts,
  outcome: 'started' | 'done' | 'refused' | 'failed',
  otherwise?: 'later',
): Promise<void> {
  if (audit === undefined || 'none' in audit) return
  const noted: AuditFacts = Object.assign({}, ...notes, {
    detail: Object.assign({}, ...notes.map(note => note.detail)),
  })
  const object =
    noted.object ?? (typeof audit.object === 'string' ? audit.object : input === undefined ? '' : audit.object(input))
  const claimed = (input?.body as { name?: unknown } | undefined)?.name
  const entry: AuditEntry = {
    ...noted,
    ...(principal === undefined ? {} : { who: principal }),
    ...(principal === undefined && typeof claimed === 'string' ? { claimedName: claimed } : {}),
    action: audit.action,
    object,
    outcome,
    address: facts.address,
    requestId: facts.id,
  }
  await context.audit.write(entry).catch(error => {
    if (otherwise === undefined) throw error
    void context.audit.writeLater(entry, context.signal)
    throw new SluiceError('E_STORE_UNREACHABLE', {
      object: 'the audit log',
      seen: 'what was asked for is done, and its entry could not be written',
      next: 'Load the page again before you repeat it: the entry is written as soon as the database takes it.',
      cause: error,
    })
  })
}

function failed(http: Context, error: unknown, id: string, { logger }: ServerContext): Response {
  const { status, problem, retryAfterSeconds } = problemOf(error, id, logger)
  if (retryAfterSeconds !== undefined) http.header('retry-after', String(retryAfterSeconds))
  if (status === 401) http.header('www-authenticate', 'Bearer realm="sluice"')
  return http.json(problem, status as ContentfulStatusCode)
}

function peerOf(http: Context): string {
  const env = http.env as { incoming?: { socket?: { remoteAddress?: string } } }
  return env.incoming?.socket?.remoteAddress ?? ''
}

function isProbe(path: string): boolean {
  return path === '/healthz' || path === '/readyz'
}

/** The declared path, never the real one: metrics stay bounded and tell no names. */
function routeName(http: Context): string {
  return (http.get('routeName' as never) as string | undefined) ?? (http.req.path.startsWith('/api/') ? '/api/…' : '/…')
}
