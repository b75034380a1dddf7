import { type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { ClientCertificate, ClusterAccess, Credentials, Impersonation } from './access.ts'
import { type Exchanged, exchange } from './exchange.ts'
import { RequestCounts } from './request-counts.ts'

/** Headers with lower-case names; a list is sent as one header each. */
export type RequestHeaders = Record<string, string | string[]>

/** One HTTP request to the server of an access. */
export interface TransportRequest {
  readonly method: string
  /** Path and query below the server's base. */
  readonly target: string
  readonly headers: RequestHeaders
  readonly body?: string | Buffer
  readonly signal: AbortSignal
  /** An answer that goes on until it is ended: a watch. It gets a connection of its own. */
  readonly stream?: boolean
  /** Called right before the request is written to a connection, however long it waited for one; may throw. */
  readonly allowed?: (() => void) | undefined
}

export interface TransportOptions {
  /** Most connections for calls at the same time; watches come on top. */
  readonly connections: number
  /** Milliseconds that making a connection may take. */
  readonly connectTimeoutMs: number
}

/** The answer as undici gives it: status, headers and a body to read. */
export type TransportResponse = Dispatcher.ResponseData

/**
 * The connections to one server, and the proof of identity on each request. It follows no redirects, so that no
 * credential ever goes to another host.
 */
export class Transport {
  readonly counts: RequestCounts
  readonly #access: ClusterAccess
  readonly #options: TransportOptions
  readonly #origin: string
  readonly #prefix: string
  #pools: Pools | undefined
  #certificate: ClientCertificate | undefined
  #closed = false

  constructor(access: ClusterAccess, options: TransportOptions) {
    this.#access = access
    this.#options = options
    const url = new URL(access.server)
    this.#origin = url.origin
    this.counts = new RequestCounts(url.host)
    this.#prefix = url.pathname.replace(/\/+$/, '')
  }

  /** Sends one request; rejects with Node's and undici's own errors. */
  send(request: TransportRequest): Promise<TransportResponse> {
    return this.counts.of(request.method, this.#send(request))
  }

  /** {@link send} for a call whose whole answer is wanted. */
  exchange(request: TransportRequest): Promise<Exchanged> {
    return this.counts.of(request.method, this.#exchange(request))
  }

  async #send(request: TransportRequest): Promise<TransportResponse> {
    const pools = await this.#readied(request)
    const pool = request.stream ? pools.streams : pools.calls
    const { allowed } = request
    return (allowed === undefined ? pool : pool.compose(holdBack(allowed))).request({
      ...this.#written(request),
      signal: request.signal,
    })
  }

  async #exchange(request: TransportRequest): Promise<Exchanged> {
    const { calls } = await this.#readied(request)
    return exchange(calls, { ...this.#written(request), signal: request.signal, allowed: request.allowed })
  }

  /** Puts the proof of identity on a request and gives the connections that it may use. */
  async #readied({ headers, signal }: TransportRequest): Promise<Pools> {
    const found = this.#access.credentials.current(signal)
    const credentials = found instanceof Promise ? await found : found
    if (credentials.token) headers['authorization'] = `Bearer ${credentials.token.reveal()}`
    return this.#poolsFor(credentials)
  }

  #written({ target, method, headers, body }: TransportRequest) {
    return {
      origin: this.#origin,
      path: this.#prefix + target,
      method: method as Dispatcher.HttpMethod,
      headers,
      body: body ?? null,
      // Deadlines are the caller's; undici's own would only be a second opinion.
      headersTimeout: 0,
      bodyTimeout: 0,
    }
  }

  /** Forget fetched credentials after a 401; whether it is worth asking again. */
  refreshCredentials(): boolean {
    return this.#access.credentials.refresh()
  }

  /** Ends all connections; running requests fail. */
  async close(): Promise<void> {
    this.#closed = true
    const pools = this.#pools
    this.#pools = undefined
    if (pools) await Promise.all([pools.calls.destroy(), pools.streams.destroy()])
  }

  /** Connections carry the client certificate: another one (from a credential plugin) needs new connections. */
  #poolsFor({ clientCertificate }: Credentials): Pools {
    if (this.#pools && this.#certificate?.certificate === clientCertificate?.certificate) return this.#pools
    const old = this.#pools
    this.#certificate = clientCertificate
    this.#pools = this.#connect(clientCertificate)
    if (old) {
      // Watches on old connections end by themselves within minutes; calls finish.
      void old.calls.close().catch(() => undefined)
      void old.streams.close().catch(() => undefined)
    }
    if (this.#closed) void this.close()
    return this.#pools
  }

  #connect(certificate: ClientCertificate | undefined): Pools {
    const { tls, proxyUrl } = this.#access
    const secure = {
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
      ...(certificate ? { cert: certificate.certificate, key: certificate.key.reveal() } : {}),
      rejectUnauthorized: !tls.insecure,
    }
    const socket = { keepAlive: true, keepAliveInitialDelay: 15_000, timeout: this.#options.connectTimeoutMs }
    const make = (connections: number | null): Dispatcher => {
      const common = { connections, pipelining: 1, keepAliveTimeout: 20_000, allowH2: false }
      if (!proxyUrl) return new Pool(this.#origin, { ...common, connect: { ...secure, ...socket } })
      return new ProxyAgent({
        uri: proxyUrl.reveal(),
        ...common,
        requestTls: { ...secure, ...socket },
        proxyTunnel: true,
      })
    }
    return { calls: make(this.#options.connections), streams: make(null) }
  }
}

/** Asks once more when the request is the next on its connection: a process may have been stopped while it waited. */
function holdBack(allowed: () => void): Dispatcher.DispatcherComposeInterceptor {
  return dispatch => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        try {
          allowed()
        } catch (error) {
          controller.abort(error as Error)
        }
        handler.onRequestStart?.(controller, context)
      },
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    })
}

interface Pools {
  readonly calls: Dispatcher
  readonly streams: Dispatcher
}

/** The headers that make a request act as another identity (Kubernetes' user impersonation). */
export function impersonationHeaders(identity: Impersonation | undefined): RequestHeaders {
  if (!identity) return {}
  const headers: RequestHeaders = { 'impersonate-user': identity.user }
  if (identity.groups && identity.groups.length > 0) headers['impersonate-group'] = [...identity.groups]
  if (identity.uid !== undefined) headers['impersonate-uid'] = identity.uid
  for (const [key, values] of Object.entries(identity.extra ?? {})) {
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = [...values]
  }
  return headers
}
