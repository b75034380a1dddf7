import { createHash } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import { retryAfterMs } from '../../../kube/client/retry-after.ts'
import { redact, Secret } from '../../../secrets/secret.ts'
import type { HttpAccess } from './access.ts'
import { HttpFailure } from './failure.ts'

/** One request. */
export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** Headers for every hop. Never a credential. */
  readonly headers?: Readonly<Record<string, string>>
  /** Headers with credentials: they go to the origin of the request and to no other, whatever redirects say. */
  readonly credentials?: Readonly<Record<string, Secret | string>> | undefined
  readonly body?: string | Buffer
  /** A larger answer fails. */
  readonly maxBytes: number
  /** Redirects followed; 5 when absent. */
  readonly maxRedirects?: number
  readonly signal: AbortSignal
  /** Statuses that are answers and no failures, beside 2xx. */
  readonly accept?: readonly number[]
}

/** An answer, held in memory. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Where it came from, after redirects. */
  readonly url: URL
}

const maxHeaderBytes = 64 * 1024

/**
 * Speaks HTTP to servers of sources: bounded in size and time, redirects by hand, credentials for one origin only, and
 * never the body of a failure in a message.
 */
export class HttpClient {
  readonly #dispatcher: Dispatcher

  constructor(access: HttpAccess = {}) {
    const connect = {
      timeout: 15_000,
      ...(access.ca === undefined ? {} : { ca: [...rootCertificates, access.ca] }),
      ...(access.client === undefined ? {} : { cert: access.client.certificate, key: access.client.key.reveal() }),
      ...(access.anyCertificate ? { rejectUnauthorized: false } : {}),
    }
    const bounds = {
      connections: 8,
      keepAliveTimeout: 5000,
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
      maxHeaderSize: maxHeaderBytes,
    }
    const { proxy } = access
    this.#dispatcher =
      proxy === undefined
        ? new Agent({ connect, ...bounds })
        : new ProxyAgent({
            uri: proxy.url,
            requestTls: connect,
            ...bounds,
            ...(proxy.username === undefined
              ? {}
              : { token: basicHeader(proxy.username, proxy.password?.reveal() ?? '').reveal() }),
          })
  }

  /** Sends a request. @throws HttpFailure, or the signal's reason */
  async send(url: URL, asked: HttpRequest): Promise<HttpAnswer> {
    let here = url
    let { method = 'GET', body } = asked
    for (let hops = 0; ; hops++) {
      const answer = await this.#exchange(here, url, method, body, asked)
      const location = answer.headers['location']
      if (answer.status < 300 || answer.status > 399 || location === undefined || answer.status === 304) {
        if (answer.status < 300 || asked.accept?.includes(answer.status)) return answer
        throw failureOf(here, answer)
      }
      if (hops >= (asked.maxRedirects ?? 5)) throw new HttpFailure(here, 'too many redirects')
      here = redirected(here, location)
      if (answer.status === 303) [method, body] = ['GET', undefined]
    }
  }

  /** Ends connections; requests that run fail. */
  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }

  async #exchange(
    url: URL,
    first: URL,
    method: string,
    body: string | Buffer | undefined,
    asked: HttpRequest,
  ): Promise<HttpAnswer> {
    asked.signal.throwIfAborted()
    const secrets = url.origin === first.origin ? Object.entries(asked.credentials ?? {}) : []
    try {
      const answer = await request(url, {
        method: method as 'GET',
        dispatcher: this.#dispatcher,
        signal: asked.signal,
        headers: {
          'user-agent': 'sluice',
          ...asked.headers,
          ...Object.fromEntries(secrets.map(([key, value]) => [key, value instanceof Secret ? value.reveal() : value])),
        },
        ...(body === undefined ? {} : { body }),
      })
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of answer.body) {
        size += (chunk as Buffer).length
        if (size > asked.maxBytes) {
          answer.body.destroy()
          throw new HttpFailure(url, `the answer has more than ${asked.maxBytes} bytes`)
        }
        chunks.push(chunk as Buffer)
      }
      return { status: answer.statusCode, headers: plain(answer.headers), body: Buffer.concat(chunks), url }
    } catch (error) {
      if (error instanceof HttpFailure) throw error
      if (asked.signal.aborted) throw timeUp(url, asked.signal)
      throw new HttpFailure(url, wordsOf(error), { cause: error, code: codeOf(error) })
    }
  }
}

/** The value of an Authorization header for a name and a password; a Secret of its own, so that redaction knows it. */
export function basicHeader(username: string, password: string): Secret {
  return Secret.of(`Basic ${Secret.of(Buffer.from(`${username}:${password}`).toString('base64')).reveal()}`)
}

/** `sha256:<hex>`. */
export function sha256(bytes: string | Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function redirected(from: URL, location: string): URL {
  let to: URL
  try {
    to = new URL(location, from)
  } catch {
    throw new HttpFailure(from, 'it redirects to something that is no address')
  }
  if (to.protocol !== 'https:' && to.protocol !== 'http:') throw new HttpFailure(from, `it redirects to ${to.protocol}`)
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new HttpFailure(from, 'it redirects from https to http')
  return to
}

function failureOf(url: URL, answer: HttpAnswer): HttpFailure {
  const retry = retryAfterMs(answer.headers['retry-after'], undefined, new Date())
  return new HttpFailure(url, `status ${answer.status}`, {
    status: answer.status,
    serverTime: serverTime(answer),
    ...(retry === undefined ? {} : { retryMs: Math.min(3_600_000, retry) }),
  })
}

/** What the server's clock said with an answer, in milliseconds since 1970. */
export function serverTime({ headers }: Pick<HttpAnswer, 'headers'>): number | undefined {
  const time = Date.parse(headers['date'] ?? '')
  return Number.isNaN(time) ? undefined : time
}

function timeUp(url: URL, signal: AbortSignal): unknown {
  const { reason } = signal
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? new HttpFailure(url, 'no whole answer within the timeout', { code: 'TIMEOUT' })
    : reason
}

function wordsOf(error: unknown): string {
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  return redact(code === undefined || message.includes(code) ? message : `${message} (${code})`).slice(0, 300)
}

function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

function plain(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [
      key.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}
