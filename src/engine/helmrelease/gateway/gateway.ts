import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { ForwardedAnswer } from '../../../kube/client/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { Secret } from '../../../secrets/secret.ts'
import { messageOf } from '../../failure.ts'
import { helmManager } from '../contract.ts'
import { ImmutableAnswers } from './immutable-answers.ts'
import { rewrite, type SessionOptions } from './session.ts'

/** What one run of helm is given to reach its cluster. */
export interface Session {
  /**
   * Where helm finds its cluster. client-go sends no token without TLS, so the key of the run is part of the path: it opens
   * nothing but this run's requests and only as long as it lasts.
   */
  readonly server: Secret
  close(): void
}

/** The largest request of helm that is passed on: no object in a cluster is larger. */
const largestBody = 16 * 1024 * 1024
/** Headers that are for this connection, or that the client answers for. */
const dropped = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'authorization',
  'upgrade',
])

/**
 * The way of helm to its cluster: a server on the loopback interface that passes requests on with the engine's own
 * connection and identity. So helm holds no credential of the cluster but a token that lives as long as its run; its
 * writes stop when the engine loses its lease or its life, and the engine sees each revision that helm stores.
 */
export class Gateway {
  readonly #sessions = new Map<string, SessionOptions>()
  readonly #server: Server
  readonly #kept = new ImmutableAnswers()
  #listening: Promise<number> | undefined

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response))
    // helm is silent for as long as it waits; a connection that ends under its next write would be taken for a failure.
    this.#server.keepAliveTimeout = 3_600_000
  }

  /** Opens the way for one run. */
  async open(options: SessionOptions): Promise<Session> {
    this.#listening ??= new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port))
    })
    const port = await this.#listening
    const token = randomBytes(24).toString('base64url')
    this.#sessions.set(token, options)
    // Remembered by itself too, so that it is taken out of what helm says.
    Secret.of(token)
    return {
      server: Secret.of(`http://127.0.0.1:${port}/${token}`),
      close: () => void this.#sessions.delete(token),
    }
  }

  async close(): Promise<void> {
    this.#sessions.clear()
    if (this.#listening === undefined) return
    await this.#listening.catch(() => undefined)
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token = '', target = '/'] = /^\/([\w-]+)(\/.*)?$/.exec(request.url ?? '') ?? []
    const session = this.#sessions.get(token)
    if (session === undefined) return refuse(response, 401, 'Unauthorized', 'this run has ended')
    const ended = new AbortController()
    response.once('close', () => ended.abort())
    try {
      await pass(session, this.#kept, target, request, response, AbortSignal.any([ended.signal, session.signal]))
    } catch (error) {
      if (!response.headersSent) refuse(response, 502, 'InternalError', messageOf(error))
      else response.destroy()
    }
  }
}

async function pass(
  session: SessionOptions,
  kept: ImmutableAnswers,
  asked: string,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const method = request.method ?? 'GET'
  const body = await bodyOf(request)
  const { target, stores } = rewrite(method, asked, body, session)
  const { client } = session
  if (client.forward === undefined) throw new Error('this client passes no requests on')
  const headers = headersOf(request, stores)
  const key = ImmutableAnswers.keyOf(client.server, method, target, headers)
  const known = key === undefined ? undefined : kept.get(key)
  if (known !== undefined) return void response.writeHead(200, known.headers).end(known.body)
  const answer = await client.forward({
    method,
    target,
    headers,
    ...(body === undefined ? {} : { body }),
    signal,
    stream: /[?&](watch|follow)=(true|1)/.test(target),
  })
  if (stores) return answerStored(session, answer, response)
  if (key !== undefined && answer.status === 200) {
    const found = { headers: headersBack(answer), body: await contentOf(answer) }
    kept.set(key, found)
    return void response.writeHead(200, found.headers).end(found.body)
  }
  response.writeHead(answer.status, headersBack(answer))
  await pipeline(answer.body, response).catch(() => response.destroy())
}

async function answerStored(session: SessionOptions, answer: ForwardedAnswer, response: ServerResponse): Promise<void> {
  const body = await contentOf(answer)
  if (answer.status < 300) session.onStored(JSON.parse(body.toString('utf8')) as KubeObject)
  response.writeHead(answer.status, headersBack(answer))
  response.end(body)
}

async function contentOf(answer: ForwardedAnswer): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of answer.body) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length
    if (bytes > largestBody) throw new Error(`the request is larger than ${largestBody} bytes`)
    chunks.push(chunk as Buffer)
  }
  return bytes === 0 ? undefined : Buffer.concat(chunks)
}

function headersOf(request: IncomingMessage, plain: boolean): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    // Whom helm acts as is for the engine to say.
    if (value === undefined || dropped.has(name) || name.startsWith('impersonate-')) continue
    headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  if (plain) {
    headers['accept'] = 'application/json'
    delete headers['accept-encoding']
  }
  // Without a manager in the query the API server takes the first word of the user agent.
  headers['user-agent'] = `${helmManager}/v0.0.0`
  return headers
}

function headersBack(answer: ForwardedAnswer): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value === undefined || name === 'connection' || name === 'keep-alive' || name === 'transfer-encoding') continue
    headers[name] = typeof value === 'string' ? value : [...value]
  }
  return headers
}

function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(status))
}
