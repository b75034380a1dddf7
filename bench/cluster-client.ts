import { Pool } from 'undici'
import type { ClusterAccess } from '../src/kube/client/access.ts'

/** A bare HTTP client of one API server: `width` connections, one request on each at a time, answers read and dropped. */
export class BenchClient {
  readonly #pool: Pool
  readonly #headers: Record<string, string>

  private constructor(pool: Pool, headers: Record<string, string>) {
    this.#pool = pool
    this.#headers = headers
  }

  static async open(access: ClusterAccess, width: number): Promise<BenchClient> {
    const { token, clientCertificate } = await access.credentials.current()
    const pool = new Pool(access.server, {
      connections: width,
      pipelining: 1,
      headersTimeout: 60_000,
      bodyTimeout: 0,
      connect: {
        ...(access.tls.ca ? { ca: access.tls.ca } : {}),
        ...(access.tls.serverName ? { servername: access.tls.serverName } : {}),
        ...(clientCertificate ? { cert: clientCertificate.certificate, key: clientCertificate.key.reveal() } : {}),
        rejectUnauthorized: !access.tls.insecure,
      },
    })
    const headers: Record<string, string> = { 'user-agent': 'sluice-bench', accept: 'application/json' }
    if (token) headers['authorization'] = `Bearer ${token.reveal()}`
    return new BenchClient(pool, headers)
  }

  /** Sends a request and reads the answer; throws when its status is not a success. */
  async ask(method: string, path: string, body?: string, contentType = 'application/json'): Promise<string> {
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': contentType }
    const answer = await this.#pool.request({ method: method as 'GET', path, headers, body: body ?? null })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`)
    return text
  }

  /** Opens a watch; `onLines` is told how many events have come each time some have. Resolves with what ends it. */
  async watch(path: string, onLines: (count: number) => void): Promise<() => void> {
    const stop = new AbortController()
    const { body } = await this.#pool.request({ method: 'GET', path, headers: this.#headers, signal: stop.signal })
    body.on('data', (chunk: Buffer) => {
      let lines = 0
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
      if (lines > 0) onLines(lines)
    })
    body.on('error', () => {})
    return () => stop.abort()
  }

  close(): Promise<void> {
    return this.#pool.destroy()
  }
}

/** Runs `work` for 0 … `count` - 1, `width` at a time; gives how many a second were done. */
export async function rate(count: number, width: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await work(next++)
    }),
  )
  return count / ((performance.now() - started) / 1000)
}
