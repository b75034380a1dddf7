import { type Clock, systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import type { GitAuth, GitRemote } from '../../git/types.ts'
import type { Secret } from '../../secrets/secret.ts'
import { classifyToken, tokenProblem } from '../token-shape.ts'
import { Transport, type TransportAnswer } from '../transport.ts'
import type { BranchProtection, CreateRepository, Forge, ForgeIdentity, ForgeOwner, ForgeRepository } from '../types.ts'
import { gitHubAddresses } from './addresses.ts'
import { type Doing, gitHubFailure } from './failure.ts'
import { readProtection } from './protection.ts'
import { readIdentity, readRepository } from './read.ts'

/** How a GitHub is reached. */
export interface GitHubOptions {
  /** `github.com`, or the host of an Enterprise Server; `127.0.0.1:<port>` for the sandbox. */
  readonly host: string
  /** The API's address, when it is not where it usually is. */
  readonly apiBase?: string
  readonly token: Secret | undefined
  /** Where the token came from, for messages: `EKSA_GITHUB_TOKEN`. */
  readonly tokenSource?: string
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Address of an HTTP proxy. */
  readonly proxy?: string
  /** `sluice/0.1.0`; GitHub refuses requests without one. */
  readonly userAgent: string
  /** The system's when absent. */
  readonly clock?: Clock
  /** Drops everything when absent. */
  readonly logger?: Logger
  /** Told before every wait that the host asks for. */
  readonly onWait?: (wait: { readonly ms: number; readonly reason: string }) => void
  /** The longest wait that is waited out; 90 000 ms when absent. */
  readonly maxWaitMs?: number
}

/** How often and how long a new repository is waited for: other machines of the host see it a little later. */
const appearTries = 12
const appearDelayMs = 500

/** A GitHub as one account. Fails with E_FORGE_ADDRESS_INVALID for a host that cannot be one. */
export function createGitHubForge(options: GitHubOptions): GitHubForge {
  return new GitHubForge(options)
}

/** GitHub, GitHub Enterprise Server, and hosts that speak like them. */
export class GitHubForge implements Forge {
  readonly kind = 'github'
  readonly host: string
  readonly web: string
  readonly apiBase: string
  readonly tokenProblem: SluiceError | undefined
  readonly tokenTitle: string
  readonly clock: Clock
  readonly #transport: Transport
  readonly #auth: GitAuth | undefined
  readonly #options: GitHubOptions

  constructor(options: GitHubOptions) {
    const { host, web, apiBase } = gitHubAddresses(options.host, options.apiBase)
    const { token, clock = systemClock, logger = silentLogger } = options
    this.#options = options
    this.host = host
    this.web = web
    this.apiBase = apiBase
    this.clock = clock
    this.tokenProblem = tokenProblem(token, {
      host,
      family: 'github',
      newTokenUrl: this.newTokenUrl(),
      ...(options.tokenSource !== undefined && { source: options.tokenSource }),
    })
    this.tokenTitle = token === undefined ? 'no token' : classifyToken(token.reveal()).title
    this.#auth = token && { kind: 'basic', username: 'x-access-token', password: token }
    const { ca, proxy, onWait, maxWaitMs } = options
    this.#transport = new Transport({
      apiBase,
      clock,
      logger,
      ...(ca !== undefined && { ca }),
      ...(proxy !== undefined && { proxy }),
      ...(onWait && { onWait }),
      ...(maxWaitMs !== undefined && { maxWaitMs }),
      headers: () => ({
        accept: 'application/vnd.github+json',
        'user-agent': options.userAgent,
        'x-github-api-version': '2022-11-28',
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      }),
    })
  }

  /** The page on which a classic token with the right scopes is made. */
  newTokenUrl(scopes = 'repo,read:org'): string {
    return `${this.web}/settings/tokens/new?scopes=${scopes}&description=sluice`
  }

  /** Sends a GET; fails at once when the token cannot be right. Any status below 500 is an answer. */
  async get(path: string, signal?: AbortSignal): Promise<TransportAnswer> {
    if (this.tokenProblem) throw this.tokenProblem
    return this.#transport.send({ method: 'GET', path, ...(signal && { signal }) })
  }

  async identify(signal?: AbortSignal): Promise<ForgeIdentity> {
    const answer = await this.get('/user', signal)
    const doing: Doing = { object: this.host, act: 'read the account of the token' }
    if (answer.status === 404) {
      throw new SluiceError('E_FORGE_NOT_A_FORGE', {
        object: this.apiBase,
        expected: 'the API of GitHub',
        seen: 'status 404 for /user',
        next: 'Give the bare host name, such as github.com or github.example.com: Sluice adds /api/v3 by itself.',
      })
    }
    return readIdentity(this.#expect(answer, doing), answer, this.#options.token)
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName(name, 'owner')
    const answer = await this.get(`/users/${encodeURIComponent(name)}`, signal)
    if (answer.status === 404) return undefined
    const found = this.#expect(answer, { object: `owner ${name}`, act: 'read an account' })
    const login = String(found['login'])
    if (found['type'] !== 'Organization') {
      const { login: own } = await this.identify(signal)
      const isOwn = own.toLowerCase() === login.toLowerCase()
      return { name: login, kind: 'user', role: isOwn ? 'admin' : 'none', mayCreateRepositories: isOwn }
    }
    return this.#organization(login, signal)
  }

  async repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    const path = this.#path(owner, name)
    const answer = await this.get(path, signal)
    if (answer.status === 404) return undefined
    const object = `repository ${owner}/${name}`
    const found = readRepository(this.#expect(answer, { object, act: 'read a repository' }))
    if (found.owner.toLowerCase() !== owner.toLowerCase() || found.name.toLowerCase() !== name.toLowerCase()) {
      throw new SluiceError('E_FORGE_REPOSITORY_MOVED', { object, seen: `it is ${found.owner}/${found.name} now` })
    }
    return found
  }

  async branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined> {
    return readProtection(this, this.#path(owner, name), branch, signal)
  }

  async createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository> {
    if (this.tokenProblem) throw this.tokenProblem
    const { owner, name, personal } = request
    this.#path(owner, name)
    const object = `repository ${owner}/${name}`
    const answer = await this.#transport.send({
      method: 'POST',
      path: personal ? '/user/repos' : `/orgs/${encodeURIComponent(owner)}/repos`,
      body: { name, description: request.description, private: request.private, auto_init: false },
      ...(signal && { signal }),
    })
    if (answer.status !== 201) throw createFailure(answer, request)
    const made = readRepository(this.#expect(answer, { object, act: 'create a repository' }))
    for (let tries = 1; tries < appearTries; tries++) {
      if (await this.repository(made.owner, made.name, signal)) break
      await this.clock.sleep(appearDelayMs, signal)
    }
    return made
  }

  remote(owner: string, name: string): GitRemote {
    this.#path(owner, name)
    const { ca, proxy } = this.#options
    return {
      url: `${this.web}/${owner}/${name}.git`,
      ...(this.#auth && { auth: this.#auth }),
      ...(ca !== undefined && { ca }),
      ...(proxy !== undefined && { proxy }),
    }
  }

  /** Closes the connections to the host. */
  close(): Promise<void> {
    return this.#transport.close()
  }

  async #organization(login: string, signal: AbortSignal | undefined): Promise<ForgeOwner> {
    const object = `organization ${login}`
    const answer = await this.get(`/orgs/${login}`, signal)
    const organization = this.#expect(answer, { object, act: 'read the organization' })
    const member = await this.get(`/user/memberships/orgs/${login}`, signal)
    if (member.status === 401 || member.headers['x-github-sso']?.startsWith('required')) {
      throw gitHubFailure(member, { object, act: 'read the membership' })
    }
    const membership = member.status === 200 && isObject(member.body) ? member.body : undefined
    const state = membership?.['state']
    const role =
      membership === undefined
        ? member.status === 404
          ? 'none'
          : undefined
        : state === 'pending'
          ? 'pending'
          : membership['role'] === 'admin'
            ? 'admin'
            : 'member'
    const may =
      organization['members_can_create_private_repositories'] ?? organization['members_can_create_repositories']
    const mayCreate =
      role === 'admin'
        ? true
        : role === 'none' || role === 'pending'
          ? false
          : typeof may === 'boolean'
            ? may
            : undefined
    return {
      name: String(organization['login']),
      kind: 'organization',
      ...(role !== undefined && { role }),
      ...(mayCreate !== undefined && { mayCreateRepositories: mayCreate }),
    }
  }

  #expect(answer: TransportAnswer, doing: Doing): Record<string, unknown> {
    if (answer.status >= 200 && answer.status < 300 && isObject(answer.body)) return answer.body
    throw gitHubFailure(answer, doing)
  }

  #path(owner: string, name: string): string {
    checkName(owner, 'owner')
    checkName(name, 'repository')
    return `/repos/${owner}/${name}`
  }
}

function createFailure(answer: TransportAnswer, { owner, name, personal }: CreateRepository): SluiceError {
  const object = `repository ${owner}/${name}`
  const failure = gitHubFailure(answer, { object, act: 'create a repository' })
  const { seen, details } = failure.facts
  const facts = { object, ...(seen !== undefined && { seen }), ...(details && { details }) }
  if (answer.status === 422 && /already exists/i.test(seen ?? ''))
    return new SluiceError('E_FORGE_REPOSITORY_EXISTS', facts)
  if (failure.code === 'E_FORGE_FORBIDDEN' && !personal) return new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
  // A token without the scope gets 404 here, as if there were no such page.
  if (answer.status === 404) {
    const next =
      'Give the classic token the scope `repo`, or the fine-grained one "Administration: read and write" on all repositories of the owner.'
    return new SluiceError('E_TOKEN_SCOPE', { ...facts, expected: 'a token that may create a repository', next })
  }
  return failure
}

/** Names go into paths: only what GitHub accepts is sent. */
function checkName(name: string, what: 'owner' | 'repository'): void {
  const good =
    what === 'owner'
      ? /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})$/.test(name)
      : /^[\w.-]{1,100}$/.test(name) && !/^\.\.?$/.test(name)
  if (good) return
  throw new SluiceError('E_FORGE_NAME_INVALID', {
    object: what,
    expected: what === 'owner' ? 'letters, digits and hyphens' : 'letters, digits, `-`, `_` and `.`',
    seen: JSON.stringify(name.slice(0, 120)),
  })
}
