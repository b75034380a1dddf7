import { type Clock, systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { isObject } from '../base/json.ts'
import { silentLogger } from '../base/log.ts'
import type { RepositoryUrl } from '../git/index.ts'
import type { GitAuth, GitRemote } from '../git/types.ts'
import { type ChangeRequests, changeRequestsOf, type RequestDialect } from './change-request.ts'
import { type CheckFinding, type CheckLine, runChecklist } from './checklist.ts'
import { forgeChecks } from './checks/list.ts'
import type { CheckedForge, ForgeWords } from './checks/state.ts'
import type { Doing } from './failure.ts'
import type { ForgeConnection } from './forge-options.ts'
import { namesIn } from './plain-git/address.ts'
import { classifyToken, type TokenFamily, tokenProblem } from './token-shape.ts'
import { Transport, type TransportAnswer, type TransportOptions, type TransportRequest } from './transport.ts'
import type {
  BranchProtection,
  CreateRepository,
  DeployKey,
  ForgeCapabilities,
  ForgeIdentity,
  ForgeKind,
  ForgeOwner,
  ForgeRepository,
  NewDeployKey,
  NewWebhook,
  RepositoryNames,
  TokenTarget,
  Webhook,
} from './types.ts'

/** Where a host and its API are, and how it is asked. */
export interface RestSetup {
  /** Host as people write it. */
  readonly host: string
  /** Where repositories and pages are, without a slash at the end. */
  readonly web: string
  readonly apiBase: string
  readonly family: TokenFamily
  /** A page on which a new token is made. */
  readonly newTokenUrl: string
  /** Headers of every request, with the credential. */
  readonly headers: () => Readonly<Record<string, string>>
  /** How git proves who it is; undefined without a token. */
  readonly gitAuth: GitAuth | undefined
  /** What is wrong with the credential as a whole, when the text of the token is not; undefined when nothing is. */
  readonly problem?: SluiceError | undefined
  /** See `TransportOptions.judge`. */
  readonly judge?: TransportOptions['judge']
}

/** How often and how long a new repository is waited for: other machines of a host see it a little later. */
const appearTries = 12
const appearDelayMs = 500

/** What the forges with a REST API have in common. */
export abstract class RestForge implements CheckedForge {
  abstract readonly kind: ForgeKind
  abstract readonly capabilities: ForgeCapabilities
  abstract readonly words: ForgeWords
  abstract readonly changeRequests: ChangeRequests
  readonly host: string
  readonly web: string
  readonly apiBase: string
  readonly tokenProblem: SluiceError | undefined
  readonly tokenTitle: string
  readonly tokenPage: string
  readonly clock: Clock
  protected readonly options: ForgeConnection
  readonly #transport: Transport
  readonly #gitAuth: GitAuth | undefined

  constructor(options: ForgeConnection, setup: RestSetup) {
    const { token, clock = systemClock, logger = silentLogger, ca, proxy, onWait, maxWaitMs, timeoutMs } = options
    this.options = options
    this.host = setup.host
    this.web = setup.web
    this.apiBase = setup.apiBase
    this.clock = clock
    this.tokenPage = setup.newTokenUrl
    this.tokenProblem =
      tokenProblem(token, {
        host: setup.host,
        family: setup.family,
        newTokenUrl: setup.newTokenUrl,
        ...(options.tokenSource !== undefined && { source: options.tokenSource }),
      }) ?? setup.problem
    this.tokenTitle = token === undefined ? 'no token' : classifyToken(token.reveal()).title
    this.#gitAuth = setup.gitAuth
    this.#transport = new Transport({
      apiBase: setup.apiBase,
      clock,
      logger,
      headers: () => ({ 'user-agent': options.userAgent, accept: 'application/json', ...setup.headers() }),
      ...(setup.judge && { judge: setup.judge }),
      ...(ca !== undefined && { ca }),
      ...(proxy !== undefined && { proxy }),
      ...(onWait && { onWait }),
      ...(maxWaitMs !== undefined && { maxWaitMs }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    })
  }

  abstract identify(signal?: AbortSignal): Promise<ForgeIdentity>
  abstract owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined>
  abstract repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined>
  abstract branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined>
  abstract createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository>
  abstract deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void>
  abstract deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]>
  abstract addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey>
  abstract removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void>
  abstract webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]>
  abstract addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook>
  abstract removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void>

  /** Where a repository is for git. */
  protected abstract repositoryUrl(owner: string, name: string): string
  /** A refusal of the host as an error. */
  protected abstract failure(answer: TransportAnswer, doing: Doing): SluiceError

  abstract judgeRights(identity: ForgeIdentity, target: TokenTarget): CheckFinding

  createProblem(_identity: ForgeIdentity, _target: TokenTarget): SluiceError | undefined {
    return undefined
  }

  namesOf(url: RepositoryUrl): RepositoryNames {
    // An instance may live below a path of its host; SSH addresses do not have it.
    const root = url.scheme === 'ssh' ? '' : new URL(this.web).pathname.replace(/\/$/, '')
    return namesIn(url.path.startsWith(`${root}/`) ? { path: url.path.slice(root.length) } : url)
  }

  remote(owner: string, name: string): GitRemote {
    const { ca, proxy } = this.options
    return {
      url: this.repositoryUrl(owner, name),
      ...(this.#gitAuth && { auth: this.#gitAuth }),
      ...(ca !== undefined && { ca }),
      ...(proxy !== undefined && { proxy }),
    }
  }

  check(target: TokenTarget, signal?: AbortSignal): AsyncGenerator<CheckLine> {
    return runChecklist(forgeChecks, { forge: this, target }, { clock: this.clock, ...(signal && { signal }) })
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Sends a GET; fails at once when the token cannot be right. Any status below 500 is an answer. */
  get(path: string, signal?: AbortSignal): Promise<TransportAnswer> {
    return this.send('GET', path, undefined, signal)
  }

  /** Sends a request; fails at once when the token cannot be right. */
  async send(
    method: TransportRequest['method'],
    path: string,
    body: unknown,
    signal?: AbortSignal,
  ): Promise<TransportAnswer> {
    if (this.tokenProblem) throw this.tokenProblem
    return this.#transport.send({ method, path, ...(body !== undefined && { body }), ...(signal && { signal }) })
  }

  /** The object in a good answer; anything else is the host's failure. */
  protected expect(answer: TransportAnswer, doing: Doing): Record<string, unknown> {
    if (answer.status >= 200 && answer.status < 300 && isObject(answer.body)) return answer.body
    throw this.failure(answer, doing)
  }

  /** The objects in a good answer; anything else is the host's failure. */
  protected expectList(answer: TransportAnswer, doing: Doing): Record<string, unknown>[] {
    if (answer.status === 200 && Array.isArray(answer.body)) return answer.body.filter(isObject)
    throw this.failure(answer, doing)
  }

  /** The requests of the host, in its dialect; `path` gives where a repository is in the API. */
  protected requests(
    dialect: RequestDialect,
    path: (owner: string, name: string, signal: AbortSignal | undefined) => string | Promise<string>,
  ): ChangeRequests {
    return changeRequestsOf(
      {
        send: (method, at, body, signal) => this.send(method, at, body, signal),
        path,
        failure: (answer, doing) => this.failure(answer, doing),
      },
      dialect,
    )
  }

  /** Removes what is at a path. What is not there any more counts as removed. */
  protected async remove(path: string, doing: Doing, signal: AbortSignal | undefined): Promise<void> {
    const answer = await this.send('DELETE', path, undefined, signal)
    if ((answer.status < 200 || answer.status >= 300) && answer.status !== 404) throw this.failure(answer, doing)
  }

  /** Waits until the host shows a repository that it has just made. */
  protected async appear(made: ForgeRepository, signal: AbortSignal | undefined): Promise<ForgeRepository> {
    for (let tries = 1; tries < appearTries; tries++) {
      if (await this.repository(made.owner, made.name, signal)) break
      await this.clock.sleep(appearDelayMs, signal)
    }
    return made
  }
}

/** The failure of a call that a kind of host has nothing for. */
export function notSupported(brand: string, act: string, next?: string): SluiceError {
  return new SluiceError('E_FORGE_NOT_SUPPORTED', {
    object: brand,
    expected: `to ${act}`,
    seen: 'nothing in its API for that',
    ...(next !== undefined && { next }),
  })
}
