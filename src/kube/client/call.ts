import { backoffDelay } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { abortedError } from './abort.ts'
import { Deadline } from './deadline.ts'
import type { Exchanged } from './exchange.ts'
import { networkCode, networkError, wasNeverSent } from './network-error.ts'
import { retryAfterMs } from './retry-after.ts'
import { isStatus, type RequestFacts, statusError } from './status.ts'
import type { RequestHeaders, Transport, TransportResponse } from './transport.ts'
import type { CallOptions, Guarded, Status } from './types.ts'

/** One call, ready to send. */
export interface Call extends CallOptions, Guarded {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: RequestHeaders
  readonly body?: string
  /** Whether doing it twice has the effect of doing it once, so that it may be repeated when its outcome is unknown. */
  readonly repeatable: boolean
  /** What the call is about, for errors. */
  readonly object?: string
}

export interface CallDeps {
  readonly transport: Transport
  readonly clock: Clock
  readonly logger: Logger
  /** The server's address, for errors. */
  readonly server: string
}

/** A complete answer with a good status. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

const defaultTimeoutMs = 30_000
/** Repeats after an unknown outcome (a broken connection, 502, 503 without Retry-After). */
const maxRepeats = 2
/** Repeats because the server asked to come back later. */
const maxWaits = 10
const repeatBackoff = { baseMs: 100, maxMs: 2_000, jitter: 0.5 }

/**
 * Sends a call and reads its answer. It waits and repeats where the server asks for it (Retry-After), and repeats a
 * repeatable call whose outcome is unknown; everything within one deadline.
 */
export async function call(deps: CallDeps, request: Call): Promise<Answer> {
  const deadline = new Deadline(request.timeoutMs ?? defaultTimeoutMs, request.signal)
  try {
    return await attempts(deps, request, deadline)
  } finally {
    deadline.end()
  }
}

async function attempts(deps: CallDeps, request: Call, deadline: Deadline): Promise<Answer> {
  const facts = factsOf(deps, request)
  let repeats = 0
  let waits = 0
  let refreshed = false
  for (;;) {
    let response: Exchanged
    try {
      response = await deps.transport.exchange({ ...request, headers: { ...request.headers }, signal: deadline.signal })
    } catch (error) {
      if (deadline.expired) throw timeoutError(facts, request, error)
      if (request.signal?.aborted) throw abortedError(request.signal)
      if (error instanceof SluiceError) throw error
      const broken = !wasNeverSent(error) && brokenConnection.has(networkCode(error) ?? '')
      if (!broken || !request.repeatable || repeats >= maxRepeats) throw networkError(facts, error)
      await pause(deps, deadline, request, facts, backoffDelay(++repeats, repeatBackoff), 'the connection broke')
      continue
    }
    const { statusCode, text } = response
    const contentType = headerOf(response, 'content-type') ?? ''
    if (statusCode < 300) return { status: statusCode, contentType, text }
    refuseStrangers(facts, response, contentType, text)
    const status = parseStatus(contentType, text)
    if (statusCode === 401 && !refreshed && deps.transport.refreshCredentials()) {
      refreshed = true
      continue
    }
    const failure = statusError(facts, statusCode, status)
    const wait = waitFor(deps, response, status, statusCode)
    if (wait !== undefined && ++waits <= maxWaits) {
      await pause(deps, deadline, request, facts, wait, `HTTP ${statusCode}`, failure)
    } else if (wait === undefined && repeatableStatus.has(statusCode) && request.repeatable && repeats < maxRepeats) {
      await pause(deps, deadline, request, facts, backoffDelay(++repeats, repeatBackoff), `HTTP ${statusCode}`, failure)
    } else throw failure
  }
}

const brokenConnection = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const repeatableStatus = new Set([429, 502, 503])

/** Only 429 and failures of the server are worth a wait; client-go draws the same line. */
function waitFor(
  deps: CallDeps,
  response: Pick<Exchanged, 'headers'>,
  status: Status | undefined,
  code: number,
): number | undefined {
  if (code !== 429 && code < 500) return undefined
  // A wait of 0 would be hammering.
  const asked = retryAfterMs(headerOf(response, 'retry-after'), status, deps.clock.now())
  return asked === undefined ? undefined : Math.max(asked, 100)
}

async function pause(
  deps: CallDeps,
  deadline: Deadline,
  request: Call,
  facts: RequestFacts,
  ms: number,
  why: string,
  failure?: SluiceError,
): Promise<void> {
  if (ms >= deadline.left) {
    if (failure === undefined) throw timeoutError(facts, request, undefined)
    throw new SluiceError('E_KUBE_THROTTLED', {
      object: facts.object ?? `${facts.method} ${facts.path}`,
      seen: `${failure.facts.seen ?? why}; the server asks to wait ${Math.ceil(ms / 1000)} s`,
      details: { ...failure.facts.details, retryAfterMs: ms },
      cause: failure,
    })
  }
  deps.logger.debug('waiting before the call to the API server is repeated', { ...facts, why, ms: Math.round(ms) })
  try {
    await deps.clock.sleep(ms, deadline.signal)
  } catch (error) {
    throw request.signal?.aborted ? abortedError(request.signal) : timeoutError(facts, request, error)
  }
}

/** Redirects and web pages: what answers is no API server. Nothing is followed, no credential goes anywhere else. */
export function refuseStrangers(
  facts: RequestFacts,
  response: Pick<TransportResponse, 'statusCode' | 'headers'>,
  contentType: string,
  text: string,
): void {
  const { statusCode } = response
  const details = { httpStatus: statusCode, server: facts.server, method: facts.method, path: facts.path }
  if (statusCode >= 300 && statusCode < 400) {
    const to = hostOf(headerOf(response, 'location'), facts.server)
    throw new SluiceError('E_KUBE_NOT_KUBERNETES', {
      object: `${facts.method} ${facts.path}`,
      seen: `a redirect to ${to} (HTTP ${statusCode}) from ${facts.server}; it was not followed`,
      details,
    })
  }
  // A gateway in front of the API server has pages of its own for 5xx: those stay failures of the server.
  if (statusCode >= 500) return
  if (contentType.startsWith('text/html') || (contentType === '' && /^\s*<(?:!doctype|html)/i.test(text))) {
    throw new SluiceError('E_KUBE_NOT_KUBERNETES', {
      object: `${facts.method} ${facts.path}`,
      seen: `a web page (HTTP ${statusCode}) from ${facts.server}`,
      details,
    })
  }
}

function hostOf(location: string | undefined, base: string): string {
  try {
    return new URL(location ?? '', base).host
  } catch {
    return 'another place'
  }
}

export function headerOf(response: Pick<TransportResponse, 'headers'>, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** The Status of a failing answer, or what can be made of a plain text (the API server answers so before it is up). */
export function parseStatus(contentType: string, text: string): Status | undefined {
  if (contentType.includes('json')) {
    try {
      const value: unknown = JSON.parse(text)
      return isStatus(value) ? value : undefined
    } catch {
      return undefined
    }
  }
  const line = text.trim()
  return contentType.startsWith('text/plain') && line !== ''
    ? { kind: 'Status', message: line.slice(0, 500) }
    : undefined
}

export function factsOf(deps: { server: string }, request: Pick<Call, 'method' | 'target' | 'object'>): RequestFacts {
  const cut = request.target.indexOf('?')
  const path = cut < 0 ? request.target : request.target.slice(0, cut)
  return {
    method: request.method,
    path,
    server: deps.server,
    ...(request.object === undefined ? {} : { object: request.object }),
  }
}

function timeoutError(facts: RequestFacts, request: CallOptions, cause: unknown): SluiceError {
  return new SluiceError('E_KUBE_TIMEOUT', {
    object: `${facts.method} ${facts.path}`,
    seen: `no complete answer from ${facts.server} within ${(request.timeoutMs ?? defaultTimeoutMs) / 1000} s`,
    details: { server: facts.server, method: facts.method, path: facts.path },
    cause,
  })
}
