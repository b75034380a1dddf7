import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { SluiceError } from '../../base/errors/index.ts'

/** Answers one request; a rejection becomes a 500 without details. */
export type Handle = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A server that listens. */
export interface Listener {
  /** `http://host:port`. */
  readonly url: string
  readonly port: number
  /** Stops taking requests and ends connections. */
  close(): Promise<void>
}

/** Longest body of a request: 3 MiB, as notification-controller. */
export const mostBodyBytes = 3 * 1024 * 1024
const mostHeaderBytes = 256 * 1024
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000
const mostConnections = 1000

/** Host and port of `:9292`, `127.0.0.1:9292` or `[::1]:9292`; undefined when it is none of these. */
export function parseAddress(text: string): { readonly host: string | undefined; readonly port: number } | undefined {
  const found = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):([0-9]{1,5})$/.exec(text)
  if (found === null) return undefined
  const [, v6, name, digits] = found
  const port = Number(digits)
  if (port > 65_535 || (v6 !== undefined && isIP(v6) !== 6)) return undefined
  return { host: v6 ?? (name === '' ? undefined : name), port }
}

/** Serves HTTP on an address, bounded in headers, time and connections. Fails with E_ENGINE_ADDRESS. */
export async function listen(address: string, handle: Handle): Promise<Listener> {
  const place = parseAddress(address)
  if (place === undefined) {
    throw new SluiceError('E_ENGINE_ADDRESS', {
      object: address,
      expected: 'an address such as :8080 or 127.0.0.1:8080',
    })
  }
  const server = createServer(
    {
      maxHeaderSize: mostHeaderBytes,
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: 2000,
    },
    (request, response) => void answer(handle, request, response),
  )
  server.maxConnections = mostConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new SluiceError('E_ENGINE_ADDRESS', { object: address, seen: error.code ?? error.message, cause: error })),
    )
    server.listen({ port: place.port, ...(place.host === undefined ? {} : { host: place.host }) }, resolve)
  })
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : place.port
  const host = place.host ?? '127.0.0.1'
  return { port, url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`, close: () => closed(server) }
}

async function answer(handle: Handle, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // A caller that goes away in the middle is no fault of ours.
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  try {
    await handle(request, response)
  } catch {
    if (!response.headersSent) reply(response, 500)
    else response.destroy()
  }
}

async function closed(server: Server): Promise<void> {
  const done = new Promise<void>(resolve => server.close(() => resolve()))
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), 1000)
  await done
  clearTimeout(late)
}

/** Ends a response with a status and, perhaps, a short text. */
export function reply(
  response: ServerResponse,
  status: number,
  text = '',
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}

/** The body of a request; undefined when it is longer than {@link mostBodyBytes}. Rejects when the caller goes away. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > mostBodyBytes) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > mostBodyBytes) return undefined
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}
