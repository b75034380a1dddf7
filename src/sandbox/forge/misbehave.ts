import type { IncomingMessage, ServerResponse } from 'node:http'

/** A fault that tests order: which requests it hits, how often, and what they get. */
export interface Misbehaviour {
  /** Hits requests whose `METHOD /path?query` matches; every request when absent. */
  readonly match?: RegExp | string
  /** How many requests it hits; 1 when absent. */
  readonly times?: number
  /** Lets so many matching requests pass first; 0 when absent. */
  readonly after?: number
  /** Answers with this status instead of serving; the request is served (later) when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A text as it is; anything else as JSON. */
  readonly body?: unknown
  /** Waits before answering or serving. */
  readonly delayMs?: number
  /** Cuts the connection: at once, or after so many bytes of the answer. */
  readonly drop?: boolean | { readonly afterBytes: number }
}

interface Planned {
  readonly fault: Misbehaviour
  left: number
  skip: number
}

/** The switchboard for faults. */
export class Misbehaviours {
  #planned: Planned[] = []

  /** Orders a fault. The returned function takes it back. */
  add(fault: Misbehaviour): () => void {
    const planned: Planned = { fault, left: fault.times ?? 1, skip: fault.after ?? 0 }
    this.#planned.push(planned)
    return () => {
      this.#planned = this.#planned.filter(other => other !== planned)
    }
  }

  /** Takes back every fault. */
  clear(): void {
    this.#planned = []
  }

  /** Applies the first fault that hits a request. True when the request is answered. */
  async apply(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const line = `${request.method} ${request.url}`
    const planned = this.#planned.find(({ fault, left }) => left > 0 && matches(fault.match, line))
    if (!planned) return false
    if (planned.skip > 0) {
      planned.skip--
      return false
    }
    planned.left--
    const { fault } = planned
    if (fault.delayMs !== undefined) await delay(fault.delayMs, response)
    if (fault.drop === true) {
      request.socket.destroy()
      return true
    }
    if (fault.status === undefined) {
      if (typeof fault.drop === 'object') cutAfter(response, fault.drop.afterBytes)
      return false
    }
    const isText = typeof fault.body === 'string'
    const body = fault.body === undefined ? '' : isText ? (fault.body as string) : JSON.stringify(fault.body)
    response.writeHead(fault.status, { 'content-type': isText ? 'text/plain' : 'application/json', ...fault.headers })
    response.end(body)
    return true
  }
}

/** Waits, but not for a client that has gone. */
function delay(ms: number, response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      response.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    response.once('close', done)
  })
}

function matches(match: RegExp | string | undefined, line: string): boolean {
  if (match === undefined) return true
  return typeof match === 'string' ? line.includes(match) : match.test(line)
}

/** Lets so many bytes of an answer out, then cuts the connection. */
function cutAfter(response: ServerResponse, bytes: number): void {
  let left = bytes
  const write = response.write.bind(response) as (chunk: Buffer) => boolean
  const limited = (chunk: unknown): boolean => {
    if (!Buffer.isBuffer(chunk) && typeof chunk !== 'string') return true
    const data = Buffer.from(chunk as string)
    const part = data.subarray(0, left)
    left -= part.length
    if (part.length > 0) write(part)
    if (left <= 0) setImmediate(() => response.socket?.destroy())
    return true
  }
  response.write = limited as typeof response.write
  const end = response.end.bind(response) as () => ServerResponse
  response.end = ((chunk?: unknown) => {
    if (chunk !== undefined && typeof chunk !== 'function') limited(chunk)
    return left > 0 ? end() : response
  }) as typeof response.end
}
