import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici'
import type { Clock } from '../../base/clock.ts'
import { networkCode } from '../../kube/client/network-error.ts'
import { retryAfterMs } from '../../kube/client/retry-after.ts'
import { Secret } from '../../secrets/secret.ts'
import { type AddressPolicy, checkHost, guardedLookup, RefusedAddress } from './address-guard.ts'
import { DeliveryFailure, type OutgoingAnswer, type OutgoingRequest } from './providers/types.ts'

/** How the system behind one Provider is reached. */
export interface HttpOptions {
  /** Certificates to trust beside the system's, PEM. */
  readonly ca?: string
  /** A certificate of our own, PEM. */
  readonly certificate?: { readonly certificate: string; readonly key: Secret }
  /** URL of a proxy, with its login if it has one. */
  readonly proxy?: Secret
  /** Of each request, in milliseconds. */
  readonly timeoutMs: number
  readonly policy: AddressPolicy
}

/** Longest answer that is read. */
const mostBytes = 1024 * 1024

/**
 * Sends the requests of one delivery. Redirects are not followed, so that no credential goes to another host; what the
 * other side answers never gets into an error.
 */
export class HttpSender {
  readonly #options: HttpOptions
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #dispatcher: Dispatcher

  constructor(options: HttpOptions, clock: Clock, signal: AbortSignal) {
    this.#options = options
    this.#clock = clock
    this.#signal = signal
    const { ca, certificate, proxy, policy, timeoutMs } = options
    const tls = {
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key.reveal() }),
    }
    const limits = { connections: 2, keepAliveTimeout: 1000, headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
    const socket = { lookup: guardedLookup(policy) as never, timeout: timeoutMs }
    if (proxy === undefined) this.#dispatcher = new Agent({ ...limits, connect: { ...tls, ...socket } })
    else {
      const url = proxyUrl(proxy, policy)
      const login =
        url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
      url.username = ''
      url.password = ''
      this.#dispatcher = new ProxyAgent({
        uri: url.href,
        ...limits,
        connect: socket,
        proxyTls: socket,
        requestTls: tls,
        ...(login === undefined ? {} : { token: `Basic ${Buffer.from(login).toString('base64')}` }),
      })
    }
  }

  readonly send = async (outgoing: OutgoingRequest): Promise<OutgoingAnswer> => {
    const url = target(outgoing.url)
    const { method = 'POST', body } = outgoing
    const timeout = AbortSignal.timeout(this.#options.timeoutMs)
    try {
      checkHost(url, this.#options.policy)
      const answer = await request(url, {
        method,
        dispatcher: this.#dispatcher,
        headers: headersOf(outgoing, url),
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        signal: AbortSignal.any([timeout, this.#signal]),
      })
      const text = await readText(answer.body)
      const { statusCode: status, headers } = answer
      const good = (status >= 200 && status < 300) || (outgoing.alsoGood ?? []).includes(status)
      if (!good) throw refusal(method, status, headers['retry-after'], this.#clock.now())
      return { status, body: parsed(text) }
    } catch (error) {
      if (error instanceof DeliveryFailure) throw error
      this.#signal.throwIfAborted()
      if (timeout.aborted)
        throw new DeliveryFailure(`${method} request timed out after ${this.#options.timeoutMs / 1000}s`, {
          passing: true,
        })
      throw networkFailure(method, error)
    }
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }
}

function target(address: string | Secret): URL {
  const url = new URL(typeof address === 'string' ? address : address.reveal())
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new DeliveryFailure('expected a URL of http or https')
  return url
}

function headersOf({ headers = {}, body }: OutgoingRequest, url: URL): Record<string, string> {
  const out: Record<string, string> = {
    'user-agent': 'sluice-notifications',
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  }
  // A login in the URL is a header on the wire, as every client of HTTP makes it.
  if (url.username !== '') {
    const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    out['authorization'] = `Basic ${Buffer.from(login).toString('base64')}`
    url.username = ''
    url.password = ''
  }
  for (const [name, value] of Object.entries(headers)) {
    const text = value instanceof Secret ? value.reveal() : value
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n\0]/.test(text)) {
      throw new DeliveryFailure('a header of the Provider is not one of HTTP')
    }
    out[name.toLowerCase()] = text
  }
  return out
}

function proxyUrl(proxy: Secret, policy: AddressPolicy): URL {
  let url: URL
  try {
    url = target(proxy)
  } catch {
    throw new DeliveryFailure('the address of the proxy is not a URL of http or https')
  }
  checkHost(url, policy)
  return url
}

async function readText(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += (chunk as Buffer).length
    if (size > mostBytes) throw new DeliveryFailure(`the answer is longer than ${mostBytes} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal(method: string, status: number, header: string | string[] | undefined, now: Date): DeliveryFailure {
  const asked = retryAfterMs(Array.isArray(header) ? header[0] : header, undefined, now)
  const wait = asked === undefined ? {} : { waitMs: asked }
  const text = `${method} request failed with status code ${status}`
  if (status >= 300 && status < 400)
    return new DeliveryFailure(`${text}: redirects are not followed; set the address that it leads to`)
  return new DeliveryFailure(text, { passing: status === 429 || status === 408 || status >= 500, ...wait })
}

function networkFailure(method: string, error: unknown): DeliveryFailure {
  const refused = error instanceof RefusedAddress || networkCode(error) === 'ERR_ADDRESS_REFUSED'
  if (refused) return new DeliveryFailure(`${method} request refused: ${new RefusedAddress().message}`)
  const code = networkCode(error) ?? 'unknown error'
  const tls = /^(?:CERT_|ERR_TLS|ERR_SSL|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code)
  return new DeliveryFailure(`${method} request failed: ${code}`, { passing: !tls })
}
