import { Agent, type RequestOptions, request } from 'node:https'
import type { SandboxCluster } from '../start.ts'

/** What a request came to. */
export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON. */
  json<T = Record<string, unknown>>(): T
}

export interface Ask {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Sends no credentials. */
  readonly anonymous?: boolean
}

/** A bare HTTPS client for tests of the server: no retries, nothing hidden. */
export class TestClient {
  readonly #agent: Agent
  readonly #url: URL
  readonly #token: string

  constructor(cluster: Pick<SandboxCluster, 'url' | 'caPem' | 'adminToken'>) {
    this.#url = new URL(cluster.url)
    this.#agent = new Agent({ keepAlive: true, ca: cluster.caPem, maxSockets: 64 })
    this.#token = cluster.adminToken.reveal()
  }

  ask({ method = 'GET', path, headers = {}, body, anonymous }: Ask): Promise<Reply> {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const sent = request(
        { ...this.#target(path), method, headers: this.#headers(headers, text, anonymous) },
        response => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const received = Buffer.concat(chunks).toString('utf8')
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: received,
              json: <T>() => JSON.parse(received) as T,
            })
          })
        },
      )
      sent.setTimeout(10_000, () => sent.destroy(new Error(`no answer to ${method} ${path}`)))
      sent.on('error', reject)
      sent.end(text)
    })
  }

  /** Opens a watch; `next` resolves with the following event, `undefined` when the server ended it. */
  async watch(path: string): Promise<{ next(): Promise<WatchLine | undefined>; close(): void }> {
    const queue: WatchLine[] = []
    const waiting: ((line: WatchLine | undefined) => void)[] = []
    let ended = false
    const sent = request({ ...this.#target(path), headers: this.#headers({}, undefined, false) })
    await new Promise<void>((resolve, reject) => {
      sent.on('error', error => (ended ? undefined : reject(error)))
      sent.on('response', response => {
        let rest = ''
        response.on('data', (chunk: Buffer) => {
          const lines = (rest + chunk.toString('utf8')).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            const event = JSON.parse(line) as WatchLine
            const wake = waiting.shift()
            if (wake) wake(event)
            else queue.push(event)
          }
        })
        const finish = () => {
          ended = true
          for (const wake of waiting.splice(0)) wake(undefined)
        }
        response.on('end', finish)
        response.on('error', finish)
        resolve()
      })
      sent.end()
    })
    return {
      next: () => {
        const line = queue.shift()
        if (line || ended) return Promise.resolve(line)
        return new Promise(resolve => waiting.push(resolve))
      },
      close: () => {
        ended = true
        sent.destroy()
      },
    }
  }

  close(): void {
    this.#agent.destroy()
  }

  #target(path: string): RequestOptions {
    return { host: this.#url.hostname, servername: 'localhost', port: this.#url.port, path, agent: this.#agent }
  }

  #headers(
    extra: Readonly<Record<string, string>>,
    body: string | undefined,
    anonymous = false,
  ): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': 'test/1.0', ...extra }
    if (!anonymous) headers['authorization'] ??= `Bearer ${this.#token}`
    if (body !== undefined) {
      headers['content-type'] ??= 'application/json'
      headers['content-length'] = String(Buffer.byteLength(body))
    }
    return headers
  }
}

export interface WatchLine {
  readonly type: string
  readonly object: { readonly kind: string; readonly metadata: Record<string, unknown>; readonly code?: number }
}
