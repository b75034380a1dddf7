import { rootCertificates } from 'node:tls'
import { LRUCache } from 'lru-cache'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { backoffDelay } from '../base/backoff.ts'
import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { Logger } from '../base/log.ts'
import { redact } from '../secrets/secret.ts'
import { messageOf } from './message.ts'
import { rateLimitWait } from './rate-limit.ts'

export { messageOf } from './message.ts'

/** How a transport reaches one host. */
export interface TransportOptions {
  /** Everything is sent below this address; no request, redirect or link leads anywhere else. */
  readonly apiBase: string
  /** Headers of every request, with the credential; called for each. */
  readonly headers: () => Readonly<Record<string, string>>
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Address of an HTTP proxy. */
  readonly proxy?: string
  readonly clock: Clock
  readonly logger: Logger
  /** Told before every wait that a host asks for. */
  readonly onWait?: (wait: { readonly ms: number; readonly reason: string }) => void
  /** A host that asks to wait longer makes the request fail with E_FORGE_RATE_LIMITED; an hour when absent. */
  readonly maxWaitMs?: number
  /** Bound of one exchange; 30 000 when absent. */
  readonly timeoutMs?: number
  /** What an answer that is no JSON means on this host; undefined for "not a Git host". */
  readonly judge?: (answer: {
    readonly status: number
    readonly headers: Readonly<Record<string, string>>
  }) => SluiceError | undefined
}

/** One request to a host's API. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the API base, with its leading slash and its query. */
  readonly path: string
  /** JSON. */
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** What a host answered, whatever the status. */
export interface TransportAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON; undefined when there was no body. */
  readonly body: unknown
}

const maxBodyBytes = 8 * 1024 * 1024
const maxTries = 4
/** The limits of the hosts are by the hour: what asks for more is not meant. */
const longestWaitMs = 3_600_000
const retriedStatus = new Set([500, 502, 503, 504])
/** Failures after which the request cannot have reached the host. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/**
 * Talks JSON to one host with one credential: no redirects, bounded in time and size, asked-for waits waited out,
 * reads repeated after passing faults, writes never repeated once they may have arrived.
 */
export class Transport {
  readonly #options: TransportOptions
  readonly #dispatcher: Dispatcher
  readonly #etags = new LRUCache<string, { etag: string; answer: TransportAnswer }>({ max: 200 })

  constructor(options: TransportOptions) {
    this.#options = options
    const connect = { timeout: 15_000, ...(options.ca !== undefined && { ca: withSystem(options.ca) }) }
    this.#dispatcher =
      options.proxy === undefined
        ? new Agent({ connect, connections: 8, keepAliveTimeout: 10_000 })
        : new ProxyAgent({ uri: options.proxy, requestTls: connect, connections: 8 })
  }

  /** Sends a request. Fails with E_FORGE_UNREACHABLE, _NOT_A_FORGE, _RATE_LIMITED or _SERVER_ERROR; any other status is an answer. */
  async send(asked: TransportRequest): Promise<TransportAnswer> {
    const { clock, logger, onWait, maxWaitMs = longestWaitMs } = this.#options
    let waited = 0
    for (let tries = 1; ; tries++) {
      asked.signal?.throwIfAborted()
      const answer = await this.#exchange(asked).catch((error: unknown) => {
        if (error instanceof Failure) return error
        throw error
      })
      if (answer instanceof Failure) {
        const again = asked.method === 'GET' || !answer.maybeSent
        if (!again || !answer.passing || tries >= maxTries) throw answer.error
        await clock.sleep(backoffDelay(tries, { baseMs: 250, maxMs: 4000 }), asked.signal)
        continue
      }
      const wait = rateLimitWait(answer, clock.now())
      if (wait !== undefined) {
        waited += wait.ms
        if (waited > maxWaitMs || tries >= maxTries) throw this.#limited(wait)
        logger.info('the Git host asks to wait', { host: this.#options.apiBase, ms: wait.ms, reason: wait.reason })
        onWait?.(wait)
        await clock.sleep(wait.ms, asked.signal)
        continue
      }
      if (asked.method === 'GET' && retriedStatus.has(answer.status) && tries < maxTries) {
        await clock.sleep(backoffDelay(tries, { baseMs: 250, maxMs: 4000 }), asked.signal)
        continue
      }
      if (answer.status >= 500) {
        throw new SluiceError('E_FORGE_SERVER_ERROR', {
          object: this.#options.apiBase,
          seen: `status ${answer.status}: ${messageOf(answer.body)}`,
        })
      }
      return answer
    }
  }

  /** Closes the connections; requests that run fail. */
  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }

  async #exchange(asked: TransportRequest): Promise<TransportAnswer> {
    const { apiBase, timeoutMs = 30_000 } = this.#options
    const known = asked.method === 'GET' ? this.#etags.get(asked.path) : undefined
    const timeout = AbortSignal.timeout(timeoutMs)
    const signal = asked.signal ? AbortSignal.any([asked.signal, timeout]) : timeout
    try {
      const answer = await request(apiBase + asked.path, {
        method: asked.method,
        dispatcher: this.#dispatcher,
        signal,
        headers: {
          ...this.#options.headers(),
          ...(asked.body !== undefined && { 'content-type': 'application/json' }),
          ...(known && { 'if-none-match': known.etag }),
        },
        ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
      })
      const headers = plainHeaders(answer.headers)
      const text = await readText(answer.body)
      if (answer.statusCode === 304 && known)
        return { ...known.answer, headers: { ...known.answer.headers, ...headers } }
      const result = { status: answer.statusCode, headers, body: this.#parse(answer.statusCode, headers, text) }
      const { etag } = headers
      if (asked.method === 'GET' && result.status === 200 && etag !== undefined)
        this.#etags.set(asked.path, { etag, answer: result })
      return result
    } catch (error) {
      if (error instanceof SluiceError) throw new Failure(error, false, true)
      asked.signal?.throwIfAborted()
      throw this.#failure(error, timeout.aborted ? timeoutMs : undefined)
    }
  }

  #parse(status: number, headers: Readonly<Record<string, string>>, text: string): unknown {
    if (text === '') return undefined
    const type = headers['content-type'] ?? ''
    if (/\bjson\b/.test(type)) {
      try {
        return JSON.parse(text)
      } catch {
        // Said below.
      }
    }
    // A gateway's page about a fault is a fault, not another kind of server.
    if (status >= 500 || status === 429) return { message: `status ${status}` }
    const judged = this.#options.judge?.({ status, headers })
    if (judged) throw judged
    // Some hosts answer refusals in plain words.
    if (/^text\/plain\b/.test(type) && status >= 400) return { message: text.slice(0, 500) }
    if (/\b(?:30[12378])\b/.test(String(status)) && !/html/i.test(type)) return undefined
    const title = /<title[^>]*>([^<]{1,200})/i.exec(text)?.[1]?.trim()
    const what = /html/i.test(type) || title !== undefined ? 'a web page' : `an answer of type ${type || 'unknown'}`
    throw new SluiceError('E_FORGE_NOT_A_FORGE', {
      object: this.#options.apiBase,
      expected: 'JSON',
      seen: redact(`${what}${title === undefined ? '' : ` titled ${JSON.stringify(title)}`} (status ${status})`),
    })
  }

  #failure(error: unknown, timedOutMs: number | undefined): Failure {
    const code = codeOf(error)
    const isTls = /^(?:CERT_|ERR_TLS|ERR_SSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|EPROTO)/.test(code)
    const seen = timedOutMs === undefined ? describe(code) : `no answer within ${timedOutMs / 1000} s`
    const next = isTls ? tlsNext(code) : undefined
    const failure = new SluiceError('E_FORGE_UNREACHABLE', {
      object: this.#options.apiBase,
      seen,
      ...(next !== undefined && { next }),
    })
    return new Failure(failure, !isTls, !notSent.has(code) && !isTls)
  }

  #limited(wait: { readonly ms: number; readonly reason: string }): SluiceError {
    const at = new Date(this.#options.clock.now().getTime() + wait.ms).toISOString().slice(0, 19)
    return new SluiceError('E_FORGE_RATE_LIMITED', {
      object: this.#options.apiBase,
      seen: `${wait.reason}; it asks to wait ${Math.ceil(wait.ms / 1000)} s`,
      next: `Run the command again after ${at}Z.`,
      details: { waitMs: wait.ms },
    })
  }
}

/** A failed exchange. */
class Failure {
  readonly error: SluiceError
  /** Whether trying again can help. */
  readonly passing: boolean
  /** Whether the host may have acted on the request. */
  readonly maybeSent: boolean

  constructor(error: SluiceError, passing: boolean, maybeSent: boolean) {
    this.error = error
    this.passing = passing
    this.maybeSent = maybeSent
  }
}

async function readText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += (chunk as Buffer).length
    if (size > maxBodyBytes) {
      throw new SluiceError('E_FORGE_NOT_A_FORGE', {
        expected: `an answer of at most ${maxBodyBytes} bytes`,
        seen: 'a longer one',
      })
    }
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function plainHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}

function codeOf(error: unknown): string {
  for (let here = error, depth = 0; here instanceof Error && depth < 5; here = here.cause, depth++) {
    const { code, errors } = here as Error & { code?: unknown; errors?: unknown }
    if (typeof code === 'string') return code
    if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  }
  return error instanceof Error ? error.name : 'unknown'
}

function tlsNext(code: string): string {
  return code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
    ? 'Check the clock of this machine; if it is right, the host needs a new certificate.'
    : 'Give the certificate of your authority, or fix the certificate of the host.'
}

function describe(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return `its certificate has expired (${code})`
  if (code === 'CERT_NOT_YET_VALID') return `its certificate is not valid yet (${code})`
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name does not resolve (${code})`
  if (code === 'ECONNREFUSED') return 'nothing listens there (ECONNREFUSED)'
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') return `the connection was cut (${code})`
  return redact(code)
}

/** undici replaces the system's certificates by `ca`: both are given. */
function withSystem(ca: string): string[] {
  return [...rootCertificates, ca]
}
