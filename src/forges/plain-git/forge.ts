import { type Clock, systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs, type RepositoryUrl } from '../../git/index.ts'
import type { GitAuth, GitRemote } from '../../git/types.ts'
import type { Secret } from '../../secrets/secret.ts'
import type { ChangeRequest, ChangeRequests } from '../change-request.ts'
import { type CheckLine, runChecklist } from '../checklist.ts'
import { notSupported } from '../rest-forge.ts'
import { classifyToken, tokenProblem } from '../token-shape.ts'
import type {
  BranchProtection,
  DeployKey,
  Forge,
  ForgeCapabilities,
  ForgeIdentity,
  ForgeOwner,
  ForgeRepository,
  RepositoryNames,
  TokenTarget,
  Webhook,
} from '../types.ts'
import { gitAddress, namesIn } from './address.ts'
import { gitChecks } from './checks.ts'

/** What a server that speaks Git alone can do: fetch and push. */
export const gitCapabilities: ForgeCapabilities = {
  createRepository: false,
  deleteRepository: false,
  deployKeys: 'none',
  webhooks: false,
  changeRequests: 'none',
  branchProtection: false,
  nestedOwners: true,
  tokenRights: 'untold',
  tokenExpiry: false,
}

/** How one repository on a Git server is reached. */
export interface GitForgeOptions {
  /** https://, ssh:// or `git@host:path`. */
  readonly url: string
  /** HTTPS: the token or password; with `username`. */
  readonly token?: Secret | undefined
  /** HTTPS: the name that goes with the token; `git` when absent. */
  readonly username?: string
  /** SSH: the private key, and what proves the host. */
  readonly ssh?: { readonly privateKey: Secret; readonly passphrase?: Secret; readonly knownHosts: string }
  /** Where the credential came from, for messages: `EKSA_GIT_PRIVATE_KEY`. */
  readonly tokenSource?: string
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string
  /** Address of an HTTP proxy. */
  readonly proxy?: string
  /** The system's when absent. */
  readonly clock?: Clock
}

/** One repository on any server that speaks Git over HTTPS or SSH: AWS CodeCommit, cgit, a bare repository behind sshd. */
export class GitForge implements Forge {
  readonly kind = 'git'
  readonly capabilities = gitCapabilities
  readonly host: string
  readonly apiBase = ''
  readonly tokenProblem: SluiceError | undefined
  readonly tokenTitle: string
  readonly clock: Clock
  readonly #url: RepositoryUrl
  readonly #remote: GitRemote

  constructor(options: GitForgeOptions) {
    this.#url = gitAddress(options.url)
    const { host, port, scheme } = this.#url
    this.host = port === undefined ? host : `${host}:${port}`
    this.clock = options.clock ?? systemClock
    const { problem, title, auth } = credential(options, scheme === 'ssh', this.host)
    this.tokenProblem = problem
    this.tokenTitle = title
    const { ca, proxy } = options
    this.#remote = {
      url: this.#url.href,
      ...(auth && { auth }),
      ...(ca !== undefined && { ca }),
      ...(proxy !== undefined && { proxy }),
    }
  }

  /** Nobody tells whose a key or password is: the name in the address is all there is. */
  async identify(): Promise<ForgeIdentity> {
    return { login: this.#url.user ?? '', tokenKind: 'unknown' }
  }

  async owner(name: string): Promise<ForgeOwner | undefined> {
    return { name, kind: 'organization' }
  }

  /** The repository of the address; undefined when git does not find it. */
  async repository(_owner: string, _name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    try {
      const refs = await listRemoteRefs(this.remote(), { ...(signal && { signal }) })
      const { owner, name } = namesIn(this.#url)
      return {
        owner,
        name,
        private: true,
        archived: false,
        empty: refs.size === 0,
        defaultBranch: 'main',
        cloneUrl: this.#url.href,
        webUrl: this.#url.href,
        permissions: { pull: true, push: false, admin: false, undetermined: true },
      }
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'E_GIT_REPOSITORY_NOT_FOUND') return undefined
      throw error
    }
  }

  async branchProtection(): Promise<BranchProtection | undefined> {
    return undefined
  }

  async createRepository(): Promise<ForgeRepository> {
    throw notSupported(
      this.host,
      'create a repository',
      `Create ${this.#url.href} by hand, then run the command again.`,
    )
  }

  async deleteRepository(): Promise<void> {
    throw notSupported(this.host, 'delete a repository', `Delete ${this.#url.href} by hand.`)
  }

  async deployKeys(): Promise<DeployKey[]> {
    return []
  }

  async addDeployKey(): Promise<DeployKey> {
    throw notSupported(this.host, 'add a deploy key', 'Give the key access to the repository on the server by hand.')
  }

  async removeDeployKey(): Promise<void> {
    throw notSupported(this.host, 'remove a deploy key', 'Take the key off the repository on the server by hand.')
  }

  async webhooks(): Promise<Webhook[]> {
    return []
  }

  async addWebhook(): Promise<Webhook> {
    throw notSupported(this.host, 'add a webhook', 'Sluice looks for changes from time to time there.')
  }

  async removeWebhook(): Promise<void> {
    throw notSupported(this.host, 'remove a webhook', 'Sluice makes none there: remove it on the server by hand.')
  }

  namesOf(url: RepositoryUrl): RepositoryNames {
    return namesIn(url)
  }

  readonly changeRequests: ChangeRequests = {
    maxBody: 0,
    open: async (): Promise<ChangeRequest> => this.#noRequests('open'),
    find: async () => [],
    read: async () => undefined,
    close: async () => this.#noRequests('close'),
  }

  /** The one repository of the address, whatever owner and name are asked for. */
  remote(): GitRemote {
    return this.#remote
  }

  check(target: TokenTarget, signal?: AbortSignal): AsyncGenerator<CheckLine> {
    return runChecklist(gitChecks, { forge: this, target }, { clock: this.clock, ...(signal && { signal }) })
  }

  async close(): Promise<void> {}

  #noRequests(act: string): never {
    throw notSupported(
      this.host,
      `${act} a pull request`,
      'Merge the branch by hand, then run the command again: it goes on from there.',
    )
  }
}

interface Credential {
  readonly problem: SluiceError | undefined
  readonly title: string
  readonly auth?: GitAuth
}

function credential(options: GitForgeOptions, isSsh: boolean, host: string): Credential {
  const { token, ssh, username = 'git', tokenSource } = options
  const object = tokenSource ?? `the credential for ${host}`
  if (isSsh) {
    if (ssh) return { problem: undefined, title: 'a private key', auth: { kind: 'ssh', ...ssh } }
    return {
      problem: new SluiceError('E_TOKEN_MISSING', {
        object,
        expected: 'a private key and the host keys of the server',
        seen: token ? 'a token, which SSH does not take' : 'nothing',
        next: 'Set EKSA_GIT_PRIVATE_KEY to the file of a private key and EKSA_GIT_KNOWN_HOSTS to a file of known hosts.',
      }),
      title: 'no private key',
    }
  }
  // Passwords are good here too: only what cannot be one is refused.
  const family = token ? classifyToken(token.reveal()).family : 'unknown'
  return {
    problem: tokenProblem(token, { host, family, ...(tokenSource !== undefined && { source: tokenSource }) }),
    title: token ? 'a token or password' : 'no token',
    ...(token && { auth: { kind: 'basic', username, password: token } }),
  }
}
