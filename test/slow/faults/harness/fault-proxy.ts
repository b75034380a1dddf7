import { createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

/** What a fault does with a request: nothing (it goes on to the server), or it has been answered, or never will be. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => 'pass' | 'handled'

/** An HTTP proxy in front of one server: every request can meet a fault, and open streams can fall silent. */
export class FaultProxy {
  fault: Fault = () => 'pass'
  /** Streams bring each line twice, and the line before it once more. */
  stutter = false
  /** `METHOD path` of each request, in order. */
  readonly requests: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #streams = new Set<() => void>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** `upstream` is an http or https base URL; `ca` proves an https one. */
  static async open(upstream: string, ca?: string): Promise<FaultProxy> {
    const server = createServer()
    const proxy = new FaultProxy(server)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      proxy.requests.push(`${request.method} ${request.url}`)
      if (proxy.fault(request, response) === 'pass') proxy.#forward(upstream, ca, request, response)
    })
    server.on('connection', socket => {
      proxy.#sockets.add(socket)
      socket.on('close', () => proxy.#sockets.delete(socket))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Open streams bring nothing any more, and nobody is told: half-open TCP. Later requests go on. */
  silence(): void {
    for (const silence of this.#streams) silence()
    this.#streams.clear()
  }

  /** Watches that are open. */
  get streams(): number {
    return this.#streams.size
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #forward(upstream: string, ca: string | undefined, request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', upstream)
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const { host: _host, connection: _connection, ...headers } = request.headers
    const out = send(url, { method: request.method, headers, ...(ca === undefined ? {} : { ca }) }, answer => {
      const { connection: _own, 'transfer-encoding': _coding, ...kept } = answer.headers
      response.writeHead(answer.statusCode ?? 502, kept)
      if (url.searchParams.has('watch')) {
        response.flushHeaders()
        const silence = () => {
          answer.unpipe(response)
          answer.resume()
        }
        this.#streams.add(silence)
        answer.on('close', () => this.#streams.delete(silence))
      }
      if (url.searchParams.has('watch') && this.stutter) stutter(answer, response)
      else answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    out.on('error', () => response.destroy())
    response.on('close', () => out.destroy())
    request.pipe(out)
  }
}

/** Answers as an API server does: a Status. */
export function answerStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
  headers: Record<string, string> = {},
): 'handled' {
  response.writeHead(code, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }))
  return 'handled'
}

/** Passes lines on: each twice, and then the one before it. */
function stutter(answer: IncomingMessage, response: ServerResponse): void {
  let [rest, before] = ['', '']
  answer.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      response.write(`${line}\n${line}\n${before}`)
      before = `${line}\n`
    }
  })
  answer.on('end', () => response.end())
}
