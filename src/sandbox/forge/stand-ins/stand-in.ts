import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isObject } from '../../../base/json.ts'
import { type Misbehaviour, Misbehaviours } from '../misbehave.ts'
import { listen } from '../server.ts'
import { serveBackend } from './git-backend.ts'
import { reaches, StandInModel, type StandInRepository, type StandInToken } from './model.ts'
import { writePushRules } from './push-rules.ts'

/** A request that came to a stand-in's API. */
export interface StandInRequest {
  readonly model: StandInModel
  readonly url: string
  readonly method: string
  /** The parts of the path that the route's groups name, decoded. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  /** Undefined when nobody is logged in. */
  readonly token: StandInToken | undefined
}

/** What a stand-in answers; `body` as JSON, a text as a web page. */
export interface StandInAnswer {
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** `GET /api/v1/repos/:owner/:name`, and what answers it. */
export type StandInRoute = readonly [
  line: string,
  handle: (request: StandInRequest) => StandInAnswer | Promise<StandInAnswer>,
]

/** What makes a stand-in one kind of host. */
export interface StandInKind {
  readonly routes: readonly StandInRoute[]
  /** The answer to a credential that is unknown, expired or revoked. */
  readonly refuse: (why: 'unknown' | 'expired' | 'revoked') => StandInAnswer
  /** The answer to a path that no route has. */
  readonly notFound: StandInAnswer
  /** Whether a token's scopes let git do this. */
  readonly gitScope: (token: StandInToken, action: 'read' | 'write') => boolean
  /** What git says when a rule of the branch refuses a push. */
  readonly protectedWords: (branch: string) => string
  /** Owner and name in the path of a repository for git. */
  readonly gitPath: RegExp
  /** Headers of every answer. */
  readonly headers?: (token: StandInToken | undefined) => Readonly<Record<string, string>>
}

/** A running stand-in for a Git host: its API by documented examples, real git, faults on order. */
export interface StandIn {
  /** `127.0.0.1:<port>`. */
  readonly host: string
  readonly url: string
  readonly model: StandInModel
  /** Requests that write, since the last `forget`: everything but reads of the API and of git. */
  readonly writes: readonly string[]
  misbehave(fault: Misbehaviour): () => void
  /** Takes back every fault and forgets the writes. */
  forget(): void
  close(): Promise<void>
}

/** Starts a stand-in on 127.0.0.1; its bare repositories are in `folder`. */
export async function startStandIn(kind: StandInKind, folder: string): Promise<StandIn> {
  const model = new StandInModel(folder)
  const faults = new Misbehaviours()
  const writes: string[] = []
  const routes = kind.routes.map(([line, handle]) => ({ ...compile(line), handle }))
  let url = ''
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`
    if (!/^(?:GET|HEAD) |^POST \S+\/git-upload-pack$/.test(line)) writes.push(line)
    handle(request, response).catch(() => response.destroy())
  })
  server.requestTimeout = 30_000

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (await faults.apply(request, response)) return
    const at = new URL(request.url ?? '/', url)
    const found = findToken(model, request)
    const git = kind.gitPath.exec(at.pathname)
    if (git) return serveGit(git, at, found, request, response)
    const token = found.kind === 'known' ? found.token : undefined
    const answer = await route(request, at, found, token)
    send(response, { ...answer, headers: { ...kind.headers?.(token), ...answer.headers } })
  }

  async function route(
    request: IncomingMessage,
    at: URL,
    found: FoundToken,
    token: StandInToken | undefined,
  ): Promise<StandInAnswer> {
    if (found.kind === 'refused') return kind.refuse(found.why)
    const body = await readBody(request)
    for (const { method, pattern, handle } of routes) {
      const hit = method === request.method ? pattern.exec(at.pathname) : null
      if (!hit) continue
      const params = Object.fromEntries(
        Object.entries(hit.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value ?? '')]),
      )
      return handle({ model, url, method, params, query: at.searchParams, body, token })
    }
    return kind.notFound
  }

  async function serveGit(
    git: RegExpExecArray,
    at: URL,
    found: FoundToken,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { owner = '', name = '', action = '' } = git.groups ?? {}
    const repository = model.repository(decodeURIComponent(owner), decodeURIComponent(name))
    const wanted = `${at.search} ${action}`.includes('receive-pack') ? 'write' : 'read'
    if (found.kind !== 'known') {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="stand-in"' }).end('Authentication failed')
      return
    }
    const role = repository ? model.role(found.token.user, repository) : 'none'
    if (!repository || role === 'none') {
      response.writeHead(404).end('Repository not found')
      return
    }
    if (!reaches(role, wanted) || !kind.gitScope(found.token, wanted)) {
      response.writeHead(403).end(`You have no right to ${wanted} this repository`)
      return
    }
    const { user } = found.token
    if (action === 'git-receive-pack') await writePushRules(folder, repository, user, kind.protectedWords)
    await serveBackend(
      { root: folder, repository: repository.folder, action, query: at.search.slice(1), user },
      request,
      response,
    )
  }

  const port = await listen(server, 0)
  url = `http://127.0.0.1:${port}`
  return {
    host: `127.0.0.1:${port}`,
    url,
    model,
    writes,
    misbehave: fault => faults.add(fault),
    forget: () => {
      faults.clear()
      writes.length = 0
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type FoundToken =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly why: 'unknown' | 'expired' | 'revoked' }
  | { readonly kind: 'known'; readonly token: StandInToken }

/** `Bearer T`, `token T`, or Basic with the token as password. */
function findToken(model: StandInModel, request: IncomingMessage): FoundToken {
  const [, scheme = '', value = ''] = /^(\S+)\s+(\S+)$/.exec(request.headers.authorization ?? '') ?? []
  if (scheme === '') return { kind: 'none' }
  const isBasic = scheme.toLowerCase() === 'basic'
  const text = isBasic
    ? Buffer.from(value, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '')
    : value
  const token = model.tokens.get(text)
  if (!token) return { kind: 'refused', why: 'unknown' }
  return token.state === 'good' ? { kind: 'known', token } : { kind: 'refused', why: token.state }
}

function compile(line: string): { method: string; pattern: RegExp } {
  const [method = '', path = ''] = line.split(' ')
  const source = path
    .replace(/[.~]/g, '\\$&')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
    .replace(/\*(\w+)/g, '(?<$1>.+)')
  return { method, pattern: new RegExp(`^${source}/?$`) }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (chunks.length === 0) return {}
  const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  return isObject(value) ? value : {}
}

function send(response: ServerResponse, { status = 200, body, headers = {} }: StandInAnswer): void {
  const isText = typeof body === 'string'
  const type = isText ? 'text/html; charset=utf-8' : 'application/json'
  response.writeHead(status, { ...(body !== undefined && { 'content-type': type }), ...headers })
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body))
}

/** The repository that a request names, when its account may see it. */
export function seen(
  { model, params, token }: StandInRequest,
  owner = params['owner'] ?? '',
): StandInRepository | undefined {
  const found = model.repository(owner, params['name'] ?? '')
  return found && token && model.role(token.user, found) !== 'none' ? found : undefined
}

/** A field of a body as text. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name]
  return typeof value === 'string' ? value : ''
}
