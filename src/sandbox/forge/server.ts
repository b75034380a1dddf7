import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Caller, identifyCaller } from './caller.ts'
import type { ForgeContext } from './context.ts'
import { parseGitPath, serveGit } from './git-http.ts'
import { answer } from './git-service.ts'
import { serveGitLab } from './gitlab/serve.ts'
import { landingPage } from './landing-page.ts'
import type { Misbehaviours } from './misbehave.ts'
import { serveRest } from './rest/serve.ts'

/** Starts listening on 127.0.0.1 and resolves with the port. */
export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/**
 * The forge's HTTP server: bounded in headers, time and connections, so that a slow client holds nothing for long.
 * `running` holds the exchanges that are not over.
 */
export function forgeServer(
  context: () => ForgeContext,
  misbehaviours: Misbehaviours,
  running: Set<Promise<void>>,
): Server {
  const server = createServer({
    headersTimeout: 15_000,
    requestTimeout: 600_000,
    keepAliveTimeout: 30_000,
    maxHeaderSize: 16_384,
  })
  server.maxConnections = 512
  // A connection on which nothing moves for a minute is closed, also in the middle of a body.
  server.setTimeout(60_000)
  server.on('request', (request, response) => {
    const exchange = handle(context(), misbehaviours, request, response).catch(error =>
      failed(context(), error, response),
    )
    running.add(exchange)
    void exchange.then(() => running.delete(exchange))
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n')
    else socket.destroy()
  })
  return server
}

async function handle(
  context: ForgeContext,
  misbehaviours: Misbehaviours,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.on('error', () => {})
  response.on('error', () => {})
  const path = request.url ?? '/'
  // Only the origin form of a request target is served.
  const url = path.startsWith('/') && !path.startsWith('//') ? new URL(path, context.url) : undefined
  if (!url) return answer(response, 400, 'Bad request target.')
  if (await misbehaviours.apply(request, response)) return
  const caller: Caller = identifyCaller(context.store, request, context.clock.now())
  if (url.pathname === '/api/v3' || url.pathname.startsWith('/api/v3/'))
    return serveRest(context, caller, request, response, url)
  if (url.pathname === '/api/v4' || url.pathname.startsWith('/api/v4/'))
    return serveGitLab(context, caller, request, response, url)
  const git = parseGitPath(request.method ?? 'GET', url)
  if (git === 'dumb') return answer(response, 403, 'Please upgrade your git client.')
  if (git) return serveGit(context, caller, git, request, response)
  if (url.pathname === '/' && request.method === 'GET') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'",
    })
    response.end(landingPage(context.url))
    return
  }
  return answer(response, 404, 'Not Found')
}

function failed(context: ForgeContext, error: unknown, response: ServerResponse): void {
  context.logger.error('the forge failed to answer', { error: error instanceof Error ? error.message : String(error) })
  if (response.headersSent) response.destroy()
  else answer(response, 500, 'Internal Server Error')
}
