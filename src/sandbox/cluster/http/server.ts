import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { asSluiceError, SluiceError } from '../../../base/errors/index.ts'
import type { Attempt } from '../auth/attempt.ts'
import { authorize } from '../auth/authorize.ts'
import { impersonate } from '../auth/impersonate.ts'
import type { ClusterState } from '../cluster-state.ts'
import { Connections } from './connections.ts'
import { dispatch } from './dispatch.ts'
import { documentFor, isOpenPath } from './documents.ts'
import { negotiate } from './negotiate.ts'
import { checkOrigin } from './origin.ts'
import type { Answer, ResourceRequest } from './request.ts'
import { send } from './respond.ts'
import { type Route, route } from './route.ts'
import { internalError, PageNotFound, StatusError, unauthorized } from './status.ts'

export interface ServerOptions {
  readonly cluster: ClusterState
  readonly keyPem: string
  readonly certPem: string
}

/** The HTTPS front of the cluster: it reads requests, finds their verb and sends what that answers. */
export class ApiServer {
  readonly #cluster: ClusterState
  readonly #server: HttpsServer
  readonly #connections = new Connections()
  readonly #closing = new AbortController()
  #host = ''

  constructor(options: ServerOptions) {
    // Every open watch listens for the end of the server.
    setMaxListeners(0, this.#closing.signal)
    this.#cluster = options.cluster
    this.#server = createServer(
      {
        key: options.keyPem,
        cert: options.certPem,
        keepAlive: true,
        noDelay: true,
        maxHeaderSize: 64 * 1024,
        requestTimeout: 60_000,
        headersTimeout: 15_000,
        keepAliveTimeout: 120_000,
        handshakeTimeout: 10_000,
        connectionsCheckingInterval: 5000,
      },
      (request, response) => void this.#handle(request, response),
    )
    this.#server.on('connection', (socket: Socket) => this.#connections.opened(socket))
    // A client that breaks off a handshake or speaks plain HTTP is no event.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
    this.#server.maxConnections = 8192
  }

  /** Listens; resolves with the port. */
  listen(host: string, port: number): Promise<number> {
    this.#host = host
    return new Promise((resolve, reject) => {
      this.#server.once('error', cause => {
        const seen = cause.message
        reject(new SluiceError('E_CLUSTER_PORT', { object: `${host}:${port}`, seen, cause }))
      })
      this.#server.listen(port, host, () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' && address ? address.port : port)
      })
    })
  }

  /** Stops listening, ends watches, and lets running requests finish for a short while. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#closing.abort()
    this.#server.closeIdleConnections()
    const force = setTimeout(() => this.#connections.destroyAll(), 500)
    await closed
    clearTimeout(force)
  }

  async #handle(http: IncomingMessage, answer: ServerResponse): Promise<void> {
    const warnings: string[] = []
    try {
      const reply = await this.#answer(http, answer, warnings)
      if (!reply) return
      // Whatever was read or written becomes visible only when it is durable.
      if (this.#cluster.store.isDirty) await this.#cluster.store.settled()
      send(answer, reply, this.#format(http), warnings)
    } catch (error) {
      this.#fail(http, answer, error, warnings)
    }
  }

  async #answer(http: IncomingMessage, answer: ServerResponse, warnings: string[]): Promise<Answer | undefined> {
    checkOrigin(http, this.#host)
    const url = http.url ?? '/'
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1))
    const { store, authenticator } = this.#cluster
    const sender = authenticator.authenticate(http)
    if (!sender) {
      if (isOpenPath(path)) return documentFor(this.#cluster, path, http, answer)
      throw unauthorized()
    }
    this.#connections.trust(http.socket)
    const user = impersonate(store, http, sender)
    const target = route(this.#cluster.kinds, http.method ?? 'GET', path, query)
    if (target.type === 'path') {
      authorize(store, user, { type: 'path', verb: (http.method ?? 'GET').toLowerCase(), path: target.path })
      return documentFor(this.#cluster, target.path, http, answer)
    }
    authorize(store, user, attemptOf(target))
    const request: ResourceRequest = {
      ...target,
      query,
      user,
      http,
      answer,
      signal: this.#closing.signal,
      warnings,
    }
    if (target.kind.version.deprecationWarning) warnings.push(target.kind.version.deprecationWarning)
    return await dispatch(this.#cluster, request)
  }

  #format(http: IncomingMessage): 'json' | 'yaml' {
    const { accept } = http.headers
    if (!accept?.includes('yaml')) return 'json'
    return negotiate(accept, accept.includes('List')).format
  }

  #fail(http: IncomingMessage, answer: ServerResponse, error: unknown, warnings: readonly string[]): void {
    if (error instanceof PageNotFound && !answer.headersSent) {
      answer.statusCode = 404
      answer.setHeader('Content-Type', 'text/plain; charset=utf-8')
      answer.setHeader('X-Content-Type-Options', 'nosniff')
      answer.end('404 page not found\n')
      return
    }
    const status = error instanceof StatusError ? error : this.#unexpected(http, error)
    if (answer.headersSent) {
      answer.destroy()
      return
    }
    const retry = status.status.details?.retryAfterSeconds
    if (retry) answer.setHeader('Retry-After', retry)
    if (!http.complete) answer.setHeader('Connection', 'close')
    send(answer, { status: status.code, json: JSON.stringify(status.status) }, 'json', warnings)
  }

  #unexpected(http: IncomingMessage, error: unknown): StatusError {
    const known = asSluiceError(error)
    if (known.code === 'E_INTERNAL') {
      this.#cluster.logger.error('a request failed', {
        method: http.method,
        path: http.url?.split('?', 1)[0],
        error: error instanceof Error ? error.stack : String(error),
      })
    }
    return internalError(known.message)
  }
}

function attemptOf(target: Route & { type: 'resource' }): Attempt {
  const { verb, kind, subresource, namespace, name } = target
  const { group, plural } = kind.definition
  return { type: 'resource', verb, group, resource: plural, subresource, namespace, name }
}
