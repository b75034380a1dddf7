import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a stand-in saw of one request. */
export interface SeenRequest {
  readonly method: string
  /** Path with its query. */
  readonly path: string
  readonly authorization: string | undefined
  readonly headers: IncomingMessage['headers']
}

/** What goes wrong with an answer. */
export type Fault =
  /** The connection ends after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly at: number }
  /** One bit of the body is turned. */
  | { readonly kind: 'flip'; readonly at: number }
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    }
  | { readonly kind: 'redirect'; readonly to: string }

/** An answer before any fault. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
}

/** An HTTP server on loopback whose answers can be spoilt: the base of the stand-ins for registries, buckets and chart repositories. */
export class FaultyServer {
  readonly requests: SeenRequest[] = []
  /** Says what goes wrong with a request; nothing when it gives undefined. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined
  readonly #server: Server
  readonly #answer: (request: SeenRequest, body: Buffer) => Answer | Promise<Answer>

  private constructor(answer: (request: SeenRequest, body: Buffer) => Answer | Promise<Answer>) {
    this.#answer = answer
    this.#server = createServer((request, response) => void this.#handle(request, response))
  }

  static async start(
    answer: (request: SeenRequest, body: Buffer) => Answer | Promise<Answer>,
    port = 0,
  ): Promise<FaultyServer> {
    const server = new FaultyServer(answer)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(port, '127.0.0.1', resolve)
    })
    return server
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `http://${this.host}`
  }

  async close(): Promise<void> {
    await new Promise(resolve => {
      this.#server.close(resolve)
      this.#server.closeAllConnections()
    })
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const seen: SeenRequest = {
      method: request.method ?? '',
      path: request.url ?? '',
      authorization: request.headers.authorization,
      headers: request.headers,
    }
    this.requests.push(seen)
    const fault = this.fault(seen)
    if (fault?.kind === 'status') {
      response.writeHead(fault.status, fault.headers)
      response.end(fault.body)
      return
    }
    if (fault?.kind === 'redirect') {
      response.writeHead(307, { location: fault.to })
      response.end()
      return
    }
    const { status, headers, body = '' } = await this.#answer(seen, Buffer.concat(chunks))
    const bytes = Buffer.from(body)
    response.writeHead(status, { 'content-length': bytes.length, ...headers })
    if (seen.method === 'HEAD') response.end()
    else if (fault?.kind === 'cut') response.write(bytes.subarray(0, fault.at), () => response.destroy())
    else {
      if (fault?.kind === 'flip' && bytes.length > 0) bytes[fault.at % bytes.length]! ^= 1
      response.end(bytes)
    }
  }
}
