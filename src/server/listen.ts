import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { SluiceError } from '../base/errors/index.ts'
import type { ServerOptions } from './options.ts'

const bounds = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 2000,
}
const mostConnections = 5000
/** Requests under way get so long to end when the server stops. */
const lastWordsMs = 5000

export interface HttpListener {
  readonly port: number
  /** Takes no more requests, waits for those under way, then ends what is left. */
  close(): Promise<void>
}

/** Listens with what `app` answers; `app` is asked for at each request, so that the port is known before it is made. */
export async function listen(options: ServerOptions, app: () => Hono | undefined): Promise<HttpListener> {
  const listener = getRequestListener(
    (request, env) => {
      const now = app()
      return now === undefined ? new Response('starting\n', { status: 503 }) : now.fetch(request, env)
    },
    { overrideGlobalObjects: false },
  )
  const handle = (request: IncomingMessage, response: ServerResponse) => void listener(request, response)
  const { tls } = options
  const server =
    tls === undefined
      ? createServer(bounds, handle)
      : createTlsServer({ ...bounds, cert: tls.cert, key: tls.key.reveal(), minVersion: 'TLSv1.2' }, handle)
  server.maxConnections = mostConnections
  await bound(server, options)
  const { port } = server.address() as AddressInfo
  return {
    port,
    async close() {
      const done = new Promise<void>(resolve => server.close(() => resolve()))
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), lastWordsMs)
      await done
      clearTimeout(late)
    },
  }
}

function bound(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new SluiceError('E_SERVER_ADDRESS', {
          object: `${host}:${port}`,
          seen: error.code ?? error.message,
          cause: error,
        }),
      ),
    )
    server.listen(port, host, () => resolve())
  })
}
