import type { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import type { Doing } from './failure.ts'
import type { TransportAnswer, TransportRequest } from './transport.ts'

/** A pull or merge request between two branches of one repository. */
export interface ChangeRequest {
  /** The number that people call it by. */
  readonly id: string
  /** Its page. */
  readonly url: string
  readonly title: string
  /** Short name of the branch with the change. */
  readonly head: string
  /** Short name of the branch that it is for. */
  readonly base: string
  /** `closed`: without being merged, whatever the host calls that. */
  readonly state: 'open' | 'merged' | 'closed'
  /** Tip of `head` as the host saw it last; some hosts cut it short. Undefined when it is not told. */
  readonly headCommit: string | undefined
}

/** A pull or merge request to be opened. */
export interface NewChangeRequest {
  readonly head: string
  readonly base: string
  readonly title: string
  /** Markdown. */
  readonly body: string
}

/** The pull or merge requests of a host; each call fails with E_FORGE_NOT_SUPPORTED where it has none. */
export interface ChangeRequests {
  /** The longest body that the host takes, in characters. */
  readonly maxBody: number
  /** Opens a request; when one is open for the same two branches, that is the answer. */
  open(owner: string, name: string, request: NewChangeRequest, signal?: AbortSignal): Promise<ChangeRequest>
  /** The requests between two branches in any state, newest first. Reads only. */
  find(owner: string, name: string, branches: RequestBranches, signal?: AbortSignal): Promise<ChangeRequest[]>
  /** One request; undefined when there is none. Reads only. */
  read(owner: string, name: string, id: string, signal?: AbortSignal): Promise<ChangeRequest | undefined>
  /** Closes an open request without merging it. */
  close(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void>
}

/** Short names of two branches. */
export interface RequestBranches {
  readonly head: string
  readonly base: string
}

/** How the requests of a host are asked for. */
export interface RequestHost {
  send(
    method: TransportRequest['method'],
    path: string,
    body: unknown,
    signal: AbortSignal | undefined,
  ): Promise<TransportAnswer>
  /** The path of a repository in the API. Fails with E_FORGE_NAME_INVALID. */
  path(owner: string, name: string, signal: AbortSignal | undefined): string | Promise<string>
  /** A refusal of the host as an error. */
  failure(answer: TransportAnswer, doing: Doing): SluiceError
}

/** What one kind of host does differently. */
export interface RequestDialect {
  /** `pull request`. */
  readonly noun: string
  readonly maxBody: number
  /** Below the path of the repository, with its query. */
  readonly list: (branches: RequestBranches, owner: string) => string
  /** The requests in the answer to `list`. */
  readonly rows: (body: unknown) => readonly Record<string, unknown>[]
  readonly one: (id: string) => string
  readonly create: (request: NewChangeRequest, owner: string, name: string) => { path: string; body: unknown }
  /** Whether an answer to `create` says that one is open already. */
  readonly exists: (answer: TransportAnswer, said: string) => boolean
  readonly close: (
    id: string,
    found: Record<string, unknown>,
  ) => { method: 'POST' | 'PUT' | 'PATCH'; path: string; body: unknown }
  readonly view: (found: Record<string, unknown>, owner: string, name: string) => ChangeRequest
}

/** Makes the requests of a host from its dialect. */
export function changeRequestsOf(host: RequestHost, dialect: RequestDialect): ChangeRequests {
  const { noun, maxBody } = dialect
  const objectOf = (answer: TransportAnswer, doing: Doing): Record<string, unknown> => {
    if (answer.status >= 200 && answer.status < 300 && isObject(answer.body)) return answer.body
    throw host.failure(answer, doing)
  }
  const find: ChangeRequests['find'] = async (owner, name, branches, signal) => {
    const path = (await host.path(owner, name, signal)) + dialect.list(branches, owner)
    const answer = await host.send('GET', path, undefined, signal)
    if (answer.status !== 200)
      throw host.failure(answer, { object: `repository ${owner}/${name}`, act: `read ${noun}s` })
    return dialect
      .rows(answer.body)
      .map(row => dialect.view(row, owner, name))
      .filter(({ head, base }) => head === branches.head && base === branches.base)
  }
  return {
    maxBody,
    find,
    async open(owner, name, request, signal) {
      const { path, body } = dialect.create(request, owner, name)
      const answer = await host.send('POST', (await host.path(owner, name, signal)) + path, body, signal)
      const doing: Doing = { object: `${request.head} into ${request.base} of ${owner}/${name}`, act: `open a ${noun}` }
      if (answer.status >= 400) {
        const failure = host.failure(answer, doing)
        const open = dialect.exists(answer, failure.facts.seen ?? '') ? await find(owner, name, request, signal) : []
        const same = open.find(({ state }) => state === 'open')
        if (same) return same
        throw failure
      }
      return dialect.view(objectOf(answer, doing), owner, name)
    },
    async read(owner, name, id, signal) {
      const path = (await host.path(owner, name, signal)) + dialect.one(id)
      const answer = await host.send('GET', path, undefined, signal)
      if (answer.status === 404) return undefined
      const doing: Doing = { object: `${noun} ${id} of ${owner}/${name}`, act: `read a ${noun}` }
      return dialect.view(objectOf(answer, doing), owner, name)
    },
    async close(owner, name, id, signal) {
      const root = await host.path(owner, name, signal)
      const doing: Doing = { object: `${noun} ${id} of ${owner}/${name}`, act: `close a ${noun}` }
      const found = objectOf(await host.send('GET', root + dialect.one(id), undefined, signal), doing)
      if (dialect.view(found, owner, name).state !== 'open') return
      const { method, path, body } = dialect.close(id, found)
      objectOf(await host.send(method, root + path, body, signal), doing)
    },
  }
}

/** A part of an answer that is an object, or an empty one. */
export function part(found: unknown, ...path: readonly string[]): Record<string, unknown> {
  let here: unknown = found
  for (const name of path) here = isObject(here) ? here[name] : undefined
  return isObject(here) ? here : {}
}

/** A field as text; undefined when it is none. */
export function textIn(found: Record<string, unknown>, name: string): string | undefined {
  const value = found[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
