import type { SluiceError } from '../base/errors/index.ts'
import type { RepositoryUrl } from '../git/index.ts'
import type { GitRemote } from '../git/types.ts'
import type { Secret } from '../secrets/secret.ts'
import type { ChangeRequests } from './change-request.ts'
import type { CheckLine } from './checklist.ts'

/** The kinds of Git hosts. `git` is any server that speaks Git alone, over HTTPS or SSH. */
export type ForgeKind = 'github' | 'gitlab' | 'gitea' | 'bitbucket' | 'bitbucket-server' | 'azure-devops' | 'git'

/** What a kind of host lets Sluice do through its API. A call without its capability fails with E_FORGE_NOT_SUPPORTED. */
export interface ForgeCapabilities {
  readonly createRepository: boolean
  readonly deleteRepository: boolean
  /** `read-only`: the host knows deploy keys, but none that may push. */
  readonly deployKeys: 'read-write' | 'read-only' | 'none'
  readonly webhooks: boolean
  /** What the host calls a request to merge a branch; `none` where it has no such thing. */
  readonly changeRequests: 'pull request' | 'merge request' | 'none'
  /** Whether the rules of a branch can be read. */
  readonly branchProtection: boolean
  /** Owners can be nested: `acme/platform`. */
  readonly nestedOwners: boolean
  /** Whether the host tells what a token may do: for every kind of token, for some, or for none. */
  readonly tokenRights: 'told' | 'partly' | 'untold'
  /** Whether the host tells when a token ends. */
  readonly tokenExpiry: boolean
}

/** What a token shall be good for. */
export interface TokenTarget {
  readonly owner: string
  /** Whether `owner` is the token's own account. */
  readonly personal: boolean
  readonly repository: string
  readonly branch: string
  /** Whether the repository is (or will be) private; true when absent. */
  readonly private?: boolean
  /** Whether changes may come by a pull or merge request where the branch takes no pushes; false when absent. */
  readonly review?: boolean
  /** Whether commits will be signed; false when absent. */
  readonly signs?: boolean
}

/** A Git host that Sluice can talk to, as one account. Failures are SluiceErrors with codes E_FORGE_… and E_TOKEN_…. */
export interface Forge {
  readonly kind: ForgeKind
  readonly capabilities: ForgeCapabilities
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
  /** Removes a repository for good. Fails with E_FORGE_REPOSITORY_NOT_FOUND when there is none. */
  deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void>
  /** The deploy keys of a repository. Reads only. */
  deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]>
  /** Adds a deploy key. Fails with E_FORGE_KEY_IN_USE when the host has it already, here or elsewhere. */
  addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey>
  /** Removes a deploy key; one that is not there any more is no failure. E_FORGE_NOT_SUPPORTED where the host has none. */
  removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void>
  /** The webhooks of a repository. Reads only. */
  webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]>
  /** Adds a webhook for pushes. */
  addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook>
  /** Removes a webhook; one that is not there any more is no failure. E_FORGE_NOT_SUPPORTED where the host has none. */
  removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void>
  /** Owner and name of a repository by its address, over HTTPS or SSH: the other way of `remote`. */
  namesOf(url: RepositoryUrl): RepositoryNames
  /** Pull or merge requests. */
  readonly changeRequests: ChangeRequests
  /** Where to fetch and push, with the forge's credential. */
  remote(owner: string, name: string): GitRemote
  /**
   * Looks, without writing anything, whether the token is good for a repository. Yields a line for each check as it is
   * known; the first failure stops what depends on it.
   */
  check(target: TokenTarget, signal?: AbortSignal): AsyncGenerator<CheckLine>
  /** Closes the connections to the host. */
  close(): Promise<void>
}

/** `acme/platform` and `fleet`. */
export interface RepositoryNames {
  readonly owner: string
  readonly name: string
}

export interface ForgeIdentity {
  readonly login: string
  readonly tokenKind: 'classic' | 'fine-grained' | 'oauth' | 'app' | 'personal' | 'project' | 'group' | 'unknown'
  /** Scopes of the token; undefined when the host does not tell. */
  readonly scopes?: readonly string[]
  /** ISO 8601; undefined when the token does not expire or the host does not tell. */
  readonly expiresAt?: string
}

export interface ForgeOwner {
  readonly name: string
  /** `organization` stands for whatever holds the repositories of several people: a group, workspace or project too. */
  readonly kind: 'user' | 'organization'
  /** The host's own id, where repositories are made by it. */
  readonly id?: string
  /** What the token's owner is in it; undefined when unknown. */
  readonly role?: 'admin' | 'member' | 'none' | 'pending'
  /** Whether the token's owner may make private repositories there; undefined when unknown. */
  readonly mayCreateRepositories?: boolean
  /** The role in the host's own words, with its article: `a Developer`. */
  readonly roleTitle?: string
  /** What the host wants of those who create repositories there: `the role Maintainer`. */
  readonly createRule?: string
}

export interface ForgeRepository {
  /** The host's own id, which stays when the name changes, and is another for a repository made anew; undefined when it has none. */
  readonly id?: string
  readonly owner: string
  readonly name: string
  readonly private: boolean
  readonly archived: boolean
  /** Whether it has no commit; undefined when the host does not tell. */
  readonly empty?: boolean
  /** ISO 8601 day on which the host removes it; undefined when it is not marked for that. */
  readonly deletionOn?: string
  readonly defaultBranch: string
  readonly cloneUrl: string
  readonly webUrl: string
  /** What the token's account may do; `undetermined` when the host does not tell, and only trying does. */
  readonly permissions: {
    readonly pull: boolean
    readonly push: boolean
    readonly admin: boolean
    readonly undetermined?: boolean
  }
}

/** A key that may fetch, or push, one repository. */
export interface DeployKey {
  readonly id: string
  readonly title: string
  /** Type and base64 body. */
  readonly key: string
  readonly readOnly: boolean
}

/** A deploy key to be added. */
export interface NewDeployKey {
  readonly title: string
  /** A public key in OpenSSH form. */
  readonly key: string
  readonly readOnly: boolean
}

/** A webhook of a repository. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly active: boolean
}

/** A webhook to be added: for pushes, as JSON. */
export interface NewWebhook {
  readonly url: string
  /** Signs or accompanies deliveries, as the host does it. */
  readonly secret: Secret
}

export interface BranchProtection {
  readonly requiresPullRequest: boolean
  readonly requiresSignatures: boolean
  /** True when administrators of the repository are not bound by the rules. */
  readonly adminsBypass?: boolean
  /** False when this very account may not push to the branch as it is; undefined when the host does not tell. */
  readonly mayPush?: boolean
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
