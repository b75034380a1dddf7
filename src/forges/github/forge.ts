import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import type { Doing } from '../failure.ts'
import type { ForgeConnection } from '../forge-options.ts'
import { messageOf } from '../message.ts'
import { checkName, type NameRule, repositoryRule } from '../names.ts'
import { RestForge } from '../rest-forge.ts'
import type { TransportAnswer } from '../transport.ts'
import type {
  BranchProtection,
  CreateRepository,
  DeployKey,
  ForgeIdentity,
  ForgeOwner,
  ForgeRepository,
  NewDeployKey,
  NewWebhook,
  TokenTarget,
  Webhook,
} from '../types.ts'
import { gitHubAddresses } from './addresses.ts'
import { gitHubFailure } from './failure.ts'
import { readProtection } from './protection.ts'
import { gitHubPullRequests } from './pull-requests.ts'
import { readDeployKey, readIdentity, readRepository, readWebhook } from './read.ts'
import { gitHubCapabilities, gitHubWords, judgeGitHubRights } from './rights.ts'

/** How a GitHub is reached: `github.com`, the host of an Enterprise Server, or `127.0.0.1:<port>` for the sandbox. */
export type GitHubOptions = ForgeConnection

/** A GitHub as one account. Fails with E_FORGE_ADDRESS_INVALID for a host that cannot be one. */
export function createGitHubForge(options: GitHubOptions): GitHubForge {
  return new GitHubForge(options)
}

/** GitHub, GitHub Enterprise Server, and hosts that speak like them. */
export class GitHubForge extends RestForge {
  readonly kind = 'github'
  readonly capabilities = gitHubCapabilities
  readonly changeRequests = this.requests(gitHubPullRequests, (owner, name) => this.#path(owner, name))
  readonly words: ForgeWords

  constructor(options: GitHubOptions) {
    const { host, web, apiBase } = gitHubAddresses(options.host, options.apiBase)
    const { token } = options
    super(options, {
      host,
      web,
      apiBase,
      family: 'github',
      newTokenUrl: `${web}/settings/tokens/new?scopes=repo,read:org&description=sluice`,
      gitAuth: token && { kind: 'basic', username: 'x-access-token', password: token },
      headers: () => ({
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        ...(token && { authorization: `Bearer ${token.reveal()}` }),
      }),
    })
    this.words = gitHubWords(web)
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
    return readIdentity(this.expect(answer, doing), answer, this.options.token)
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName('owner', name, ownerRule)
    const answer = await this.get(`/users/${encodeURIComponent(name)}`, signal)
    if (answer.status === 404) return undefined
    const found = this.expect(answer, { object: `owner ${name}`, act: 'read an account' })
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
    const found = readRepository(this.expect(answer, { object, act: 'read a repository' }))
    if (found.owner.toLowerCase() !== owner.toLowerCase() || found.name.toLowerCase() !== name.toLowerCase()) {
      throw new SluiceError('E_FORGE_REPOSITORY_MOVED', {
        object,
        seen: `it is ${found.owner}/${found.name} now`,
        next: `Write owner ${found.owner} and repository ${found.name} into the spec.`,
      })
    }
    // The answer does not say whether there is a commit; the list of commits does, with 409 (Git Repository is empty).
    const tip = await this.get(`${path}/commits?per_page=1`, signal)
    return tip.status === 200 || tip.status === 409 ? { ...found, empty: tip.status === 409 } : found
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
    const { owner, name, personal } = request
    this.#path(owner, name)
    const object = `repository ${owner}/${name}`
    const path = personal ? '/user/repos' : `/orgs/${encodeURIComponent(owner)}/repos`
    const body = { name, description: request.description, private: request.private, auto_init: false }
    const answer = await this.send('POST', path, body, signal)
    if (answer.status !== 201) throw createFailure(answer, request)
    const made = readRepository(this.expect(answer, { object, act: 'create a repository' }))
    return this.appear(made, signal)
  }

  async deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.send('DELETE', this.#path(owner, name), undefined, signal)
    if (answer.status === 204) return
    const failure = this.failure(answer, { object: `repository ${owner}/${name}`, act: 'delete a repository' })
    if (answer.status !== 403 || failure.code !== 'E_FORGE_FORBIDDEN') throw failure
    const next =
      'Add the scope delete_repo to the classic token, or delete the repository by hand; only its administrators may.'
    throw new SluiceError('E_FORGE_FORBIDDEN', { ...failure.facts, next })
  }

  async deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]> {
    const answer = await this.get(`${this.#path(owner, name)}/keys?per_page=100`, signal)
    const doing = { object: `repository ${owner}/${name}`, act: 'read deploy keys' }
    return this.expectList(answer, doing).map(readDeployKey)
  }

  async addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey> {
    const body = { title: key.title, key: key.key, read_only: key.readOnly }
    const answer = await this.send('POST', `${this.#path(owner, name)}/keys`, body, signal)
    const object = `deploy key ${key.title} of ${owner}/${name}`
    if (answer.status === 422 && /already in use/i.test(messageOf(answer.body)))
      throw new SluiceError('E_FORGE_KEY_IN_USE', { object, seen: messageOf(answer.body) })
    return readDeployKey(this.expect(answer, { object, act: 'add a deploy key' }))
  }

  async removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/keys/${encodeURIComponent(id)}`
    const doing = { object: `deploy key ${id} of ${owner}/${name}`, act: 'remove a deploy key' }
    await this.remove(path, doing, signal)
  }

  async webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]> {
    const answer = await this.get(`${this.#path(owner, name)}/hooks?per_page=100`, signal)
    const doing = { object: `repository ${owner}/${name}`, act: 'read webhooks' }
    return this.expectList(answer, doing).map(readWebhook)
  }

  async addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook> {
    const config = { url: hook.url, content_type: 'json', secret: hook.secret.reveal(), insecure_ssl: '0' }
    const body = { name: 'web', active: true, events: ['push'], config }
    const answer = await this.send('POST', `${this.#path(owner, name)}/hooks`, body, signal)
    return readWebhook(this.expect(answer, { object: `webhook of ${owner}/${name}`, act: 'add a webhook' }))
  }

  async removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/hooks/${encodeURIComponent(id)}`
    const doing = { object: `webhook ${id} of ${owner}/${name}`, act: 'remove a webhook' }
    await this.remove(path, doing, signal)
  }

  judgeRights(identity: ForgeIdentity, target: TokenTarget): CheckFinding {
    return judgeGitHubRights(this, identity, target)
  }

  protected repositoryUrl(owner: string, name: string): string {
    this.#path(owner, name)
    return `${this.web}/${owner}/${name}.git`
  }

  protected failure(answer: TransportAnswer, doing: Doing): SluiceError {
    return gitHubFailure(answer, doing)
  }

  async #organization(login: string, signal: AbortSignal | undefined): Promise<ForgeOwner> {
    const object = `organization ${login}`
    const answer = await this.get(`/orgs/${login}`, signal)
    const organization = this.expect(answer, { object, act: 'read the organization' })
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
    // An owner may although members may not: a "no" counts only for those who are known to be members.
    const known = role === undefined && mayCreate === false ? undefined : mayCreate
    return {
      name: String(organization['login']),
      kind: 'organization',
      ...(role !== undefined && { role }),
      ...(known !== undefined && { mayCreateRepositories: known }),
    }
  }

  #path(owner: string, name: string): string {
    checkName('owner', owner, ownerRule)
    checkName('repository', name, repositoryRule)
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

const ownerRule: NameRule = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/,
  words: 'letters, digits and hyphens',
}
