import type { SluiceError } from '../base/errors/index.ts'
import type { GitRemote } from '../git/types.ts'

/** A Git host that Sluice can talk to, as one account. Failures are SluiceErrors with codes E_FORGE_… and E_TOKEN_…. */
export interface Forge {
  readonly kind: 'github'
  /** Host as people write it: `github.com`. */
  readonly host: string
  readonly apiBase: string
  /**
   * What is wrong with the token by its shape alone (missing, cut, made by another host); undefined when nothing is.
   * With a problem every call fails with it, and the token is not sent.
   */
  readonly tokenProblem: SluiceError | undefined
  /** What the token is, as far as its shape tells: `a classic personal access token`. */
  readonly tokenTitle: string
  /** Who the token belongs to and what it says of itself. Reads only. */
  identify(signal?: AbortSignal): Promise<ForgeIdentity>
  /** The owner of repositories: a user or an organization; undefined when the host does not show one. Reads only. */
  owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined>
  /** A repository; undefined when there is none, or the token cannot see it. Reads only. */
  repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined>
  /** What protects a branch; undefined when nothing does. Reads only. */
  branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined>
  /** Makes a repository without any commit. Fails with E_FORGE_REPOSITORY_EXISTS when there is one already. */
  createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository>
  /** Where to fetch and push, with the forge's credential. */
  remote(owner: string, name: string): GitRemote
}

export interface ForgeIdentity {
  readonly login: string
  readonly tokenKind: 'classic' | 'fine-grained' | 'oauth' | 'app' | 'unknown'
  /** Scopes of a classic token; undefined when the host does not tell. */
  readonly scopes?: readonly string[]
  /** ISO 8601; undefined when the token does not expire or the host does not tell. */
  readonly expiresAt?: string
}

export interface ForgeOwner {
  readonly name: string
  readonly kind: 'user' | 'organization'
  /** What the token's owner is in it; undefined when unknown. */
  readonly role?: 'admin' | 'member' | 'none' | 'pending'
  /** Whether the token's owner may make private repositories there; undefined when unknown. */
  readonly mayCreateRepositories?: boolean
}

export interface ForgeRepository {
  readonly owner: string
  readonly name: string
  readonly private: boolean
  readonly archived: boolean
  readonly defaultBranch: string
  readonly cloneUrl: string
  readonly webUrl: string
  readonly permissions: { readonly pull: boolean; readonly push: boolean; readonly admin: boolean }
}

export interface BranchProtection {
  readonly requiresPullRequest: boolean
  readonly requiresSignatures: boolean
  /** True when administrators of the repository are not bound by the rules. */
  readonly adminsBypass?: boolean
  /** True when the host says that something protects the branch, but not what: the account has too few rights to see it. */
  readonly partial?: boolean
}

export interface CreateRepository {
  readonly owner: string
  /** Whether `owner` is the token's own user. */
  readonly personal: boolean
  readonly name: string
  readonly description: string
  readonly private: boolean
}
