import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../../base/clock.ts'

/** One request as a scripted server saw it. */
export interface SeenRequest {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** Answers a request; `count` is how many came before. */
export type Script = (request: SeenRequest, response: ServerResponse, count: number) => unknown

/** A server on 127.0.0.1 that answers as a test tells it to: the peer for faults that no real server shows on demand. */
export class ScriptedServer {
  readonly url: string
  readonly requests: SeenRequest[] = []
  readonly #server: Server

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async start(script: Script, tls?: { readonly key: string; readonly cert: string }): Promise<ScriptedServer> {
    const server = tls ? createHttpsServer(tls) : createHttpServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const scripted = new ScriptedServer(server, `${tls ? 'https' : 'http'}://127.0.0.1:${port}`)
    server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
      let body = ''
      for await (const chunk of request.setEncoding('utf8')) body += chunk
      const { method = '', url = '', headers, rawHeaders } = request
      const seen = { method, url, headers, rawHeaders, body }
      const count = scripted.requests.push(seen) - 1
      await script(seen, response, count)
    })
    return scripted
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** Sends JSON with a status and headers. */
export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Sends a `metav1.Status` of a failure. */
export function status(response: ServerResponse, code: number, reason: string, message = reason): void {
  json(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code)
}

/** Discovery of a server with ConfigMaps and Namespaces, in the aggregated form; true when the request was one. */
export function discovery(request: SeenRequest, response: ServerResponse): boolean {
  if (request.url !== '/api' && request.url !== '/apis') return false
  const resource = (name: string, kind: string, scope: string) => ({
    resource: name,
    responseKind: { group: '', version: '', kind },
    scope,
    singularResource: kind.toLowerCase(),
    verbs: ['get', 'list', 'watch'],
  })
  const core = [resource('configmaps', 'ConfigMap', 'Namespaced'), resource('namespaces', 'Namespace', 'Cluster')]
  const items = request.url === '/api' ? [{ metadata: {}, versions: [{ version: 'v1', resources: core }] }] : []
  json(response, { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items })
  return true
}

/** The real clock, but for sleeping, which takes no time and is written down. */
export function sleeplessClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = []
  return {
    slept,
    now: () => new Date(),
    monotonic: () => performance.now(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted()
      slept.push(ms)
    },
  }
}
