import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Logger } from '../../base/log.ts'
import { redact } from '../../secrets/secret.ts'
import { formatApiVersion, type GroupVersionKind } from '../identity.ts'
import type { ClusterAccess, Impersonation } from './access.ts'
import { call } from './call.ts'
import { Discovery } from './discovery.ts'
import { impersonationHeaders, type RequestHeaders, Transport, type TransportOptions } from './transport.ts'
import type { ApiResource, CallOptions, Guarded } from './types.ts'

export interface ConnectionOptions extends TransportOptions {
  readonly userAgent: string
  readonly clock: Clock
  readonly logger: Logger
}

/** A call in the terms of the API: JSON in, JSON out. */
export interface ApiCall extends CallOptions, Guarded {
  readonly method: string
  /** Path and query. */
  readonly target: string
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly contentType?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly accept?: string
  readonly repeatable: boolean
  readonly object?: string
  /** Take an answer that is not JSON as a text instead of refusing it. */
  readonly anyAnswer?: boolean
}

/** What all clients of one access share: the connections and what discovery found. */
export class Connection {
  readonly server: string
  readonly transport: Transport
  readonly discovery: Discovery
  readonly clock: Clock
  readonly logger: Logger
  readonly #userAgent: string

  constructor(access: ClusterAccess, options: ConnectionOptions) {
    this.server = access.server
    this.transport = new Transport(access, options)
    this.clock = options.clock
    this.logger = options.logger
    this.#userAgent = options.userAgent
    this.discovery = new Discovery(
      (target, accept, limits) =>
        this.send(access.impersonate, { ...limits, method: 'GET', target, accept, repeatable: true }),
      options.clock,
      access.server,
    )
  }

  /** The headers of every request: JSON wanted, the user agent, the identity to act as. */
  headers(identity: Impersonation | undefined, accept = 'application/json'): RequestHeaders {
    const headers = identity ? impersonationHeaders(identity) : {}
    headers['accept'] = accept
    headers['user-agent'] = this.#userAgent
    return headers
  }

  /** Sends one call and gives its parsed answer. */
  async send<T>(identity: Impersonation | undefined, request: ApiCall): Promise<T> {
    const headers = this.headers(identity, request.accept)
    for (const name in request.headers) headers[name.toLowerCase()] = request.headers[name] as string
    const { body } = request
    let text: string | undefined
    if (body !== undefined) {
      text = typeof body === 'string' ? body : JSON.stringify(body)
      headers['content-type'] = request.contentType ?? 'application/json'
    }
    const answer = await call(this, {
      method: request.method,
      target: request.target,
      headers,
      repeatable: request.repeatable,
      ...(text === undefined ? {} : { body: text }),
      ...(request.object === undefined ? {} : { object: request.object }),
      ...(request.signal ? { signal: request.signal } : {}),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
      ...(request.allowed ? { allowed: request.allowed } : {}),
    })
    if (answer.contentType.includes('json')) {
      try {
        return JSON.parse(answer.text) as T
      } catch (cause) {
        throw this.#strange(request, 'JSON that cannot be read', cause)
      }
    }
    if (request.anyAnswer) return answer.text as T
    throw this.#strange(request, `an answer of type "${answer.contentType}" instead of JSON`)
  }

  /** The resource of a kind that must be there. */
  async resource(kind: GroupVersionKind, options: CallOptions): Promise<ApiResource> {
    const found = this.discovery.resourceFor(kind, options)
    const resource = found instanceof Promise ? await found : found
    if (resource) return resource
    throw new SluiceError('E_KUBE_KIND_UNKNOWN', {
      object: `${formatApiVersion(kind)} ${kind.kind}`,
      seen: `no such kind on ${this.server}`,
    })
  }

  close(): Promise<void> {
    return this.transport.close()
  }

  #strange(request: ApiCall, seen: string, cause?: unknown): SluiceError {
    return new SluiceError('E_KUBE_NOT_KUBERNETES', {
      object: `${request.method} ${redact(request.target)}`,
      seen: `${seen} from ${this.server}`,
      cause,
    })
  }
}
