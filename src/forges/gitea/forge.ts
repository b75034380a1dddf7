import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { checkedApiBase, webAddress } from '../address.ts'
import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import type { Doing } from '../failure.ts'
import type { ForgeConnection } from '../forge-options.ts'
import { readDeployKey, readRepository, readWebhook } from '../github/read.ts'
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
  Webhook,
} from '../types.ts'
import { giteaFailure } from './failure.ts'
import { readProtection } from './protection.ts'
import { giteaPullRequests } from './pull-requests.ts'
import { giteaCapabilities, giteaWords, judgeGiteaRights } from './rights.ts'

const ownerRule: NameRule = { pattern: /^(?!\.{1,2}$)[\w.-]{1,100}$/, words: 'letters, digits, `-`, `_` and `.`' }

/** Gitea, Forgejo and Codeberg. Repositories are in the form that GitHub gave them. */
export class GiteaForge extends RestForge {
  readonly kind = 'gitea'
  readonly capabilities = giteaCapabilities
  readonly changeRequests = this.requests(giteaPullRequests, (owner, name) => this.#path(owner, name))
  readonly words: ForgeWords

  constructor(options: ForgeConnection) {
    const { host, web } = webAddress(options.host, 'codeberg.org or git.example.com', true)
    const { token } = options
    super(options, {
      host,
      web,
      apiBase: options.apiBase === undefined ? `${web}/api/v1` : checkedApiBase(options.apiBase),
      family: 'gitea',
      newTokenUrl: `${web}/user/settings/applications`,
      // The token goes as password; the name does not count.
      gitAuth: token && { kind: 'basic', username: options.username ?? 'sluice', password: token },
      headers: (): Record<string, string> => (token ? { authorization: `token ${token.reveal()}` } : {}),
    })
    this.words = giteaWords(web)
  }

  async identify(signal?: AbortSignal): Promise<ForgeIdentity> {
    const answer = await this.get('/user', signal)
    if (answer.status === 404) {
      throw new SluiceError('E_FORGE_NOT_A_FORGE', {
        object: this.apiBase,
        expected: 'the API of Gitea or Forgejo',
        seen: 'status 404 for /user',
        next: 'Give the host as in the address of its pages: Sluice adds /api/v1 by itself.',
      })
    }
    // Tokens that are bound to repositories may not carry read:user: they are fine, but do not tell whose they are.
    if (answer.status === 403 && /required scope/i.test(messageOf(answer.body)))
      return { login: '', tokenKind: 'personal' }
    const user = this.expect(answer, { object: this.host, act: 'read the account of the token' })
    return { login: String(user['login'] ?? user['username'] ?? ''), tokenKind: 'personal' }
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName('owner', name, ownerRule)
    const answer = await this.get(`/orgs/${encodeURIComponent(name)}`, signal)
    const isHidden = answer.status === 403 && /required scope/i.test(messageOf(answer.body))
    if (answer.status !== 404 && !isHidden) {
      const organization = this.expect(answer, { object: `organization ${name}`, act: 'read an organization' })
      return this.#organization(String(organization['username'] ?? organization['name'] ?? name), signal)
    }
    const user = await this.get(`/users/${encodeURIComponent(name)}`, signal)
    if (user.status === 404) return undefined
    // Without read:organization and read:user nothing is told of owners; the repository still may be.
    if (isHidden && user.status === 403) return { name, kind: 'organization' }
    const found = this.expect(user, { object: `user ${name}`, act: 'read a user' })
    const { login } = await this.identify(signal)
    const shown = String(found['login'] ?? name)
    const isOwn = login.toLowerCase() === shown.toLowerCase()
    return { name: shown, kind: 'user', role: isOwn ? 'admin' : 'none', mayCreateRepositories: isOwn }
  }

  async repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    const object = `repository ${owner}/${name}`
    const answer = await this.get(this.#path(owner, name), signal)
    if (answer.status === 404) return undefined
    const found = readRepository(this.expect(answer, { object, act: 'read a repository' }))
    if (found.owner.toLowerCase() !== owner.toLowerCase() || found.name.toLowerCase() !== name.toLowerCase()) {
      throw new SluiceError('E_FORGE_REPOSITORY_MOVED', {
        object,
        seen: `it is ${found.owner}/${found.name} now`,
        next: `Write owner ${found.owner} and repository ${found.name} into the spec.`,
      })
    }
    return found
  }

  branchProtection(
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
    const path = personal ? '/user/repos' : `/orgs/${encodeURIComponent(owner)}/repos`
    const body = { name, description: request.description, private: request.private, auto_init: false }
    const answer = await this.send('POST', path, body, signal)
    const object = `repository ${owner}/${name}`
    const said = messageOf(answer.body)
    const facts = { object, seen: said, details: { hostSaid: said } }
    if (answer.status === 409) throw new SluiceError('E_FORGE_REPOSITORY_EXISTS', facts)
    const failure = answer.status === 201 ? undefined : this.failure(answer, { object, act: 'create a repository' })
    if (failure?.code === 'E_FORGE_FORBIDDEN') throw new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
    if (failure) throw failure
    return this.appear(readRepository(this.expect(answer, { object, act: 'create a repository' })), signal)
  }

  async deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.send('DELETE', this.#path(owner, name), undefined, signal)
    if (answer.status !== 204)
      throw this.failure(answer, { object: `repository ${owner}/${name}`, act: 'delete a repository' })
  }

  async deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]> {
    const answer = await this.get(`${this.#path(owner, name)}/keys?limit=50`, signal)
    const doing: Doing = { object: `repository ${owner}/${name}`, act: 'read deploy keys' }
    return this.expectList(answer, doing).map(readDeployKey)
  }

  async addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey> {
    const body = { title: key.title, key: key.key, read_only: key.readOnly }
    const answer = await this.send('POST', `${this.#path(owner, name)}/keys`, body, signal)
    const object = `deploy key ${key.title} of ${owner}/${name}`
    const said = messageOf(answer.body)
    if (answer.status === 422 && /already|has been used/i.test(said))
      throw new SluiceError('E_FORGE_KEY_IN_USE', { object, seen: said, details: { hostSaid: said } })
    return readDeployKey(this.expect(answer, { object, act: 'add a deploy key' }))
  }

  async removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/keys/${encodeURIComponent(id)}`
    const doing: Doing = { object: `deploy key ${id} of ${owner}/${name}`, act: 'remove a deploy key' }
    await this.remove(path, doing, signal)
  }

  async webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]> {
    const answer = await this.get(`${this.#path(owner, name)}/hooks?limit=50`, signal)
    const doing: Doing = { object: `repository ${owner}/${name}`, act: 'read webhooks' }
    return this.expectList(answer, doing).map(readWebhook)
  }

  async addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook> {
    const config = { url: hook.url, content_type: 'json', secret: hook.secret.reveal() }
    const body = { type: 'gitea', active: true, events: ['push'], config }
    const answer = await this.send('POST', `${this.#path(owner, name)}/hooks`, body, signal)
    return readWebhook(this.expect(answer, { object: `webhook of ${owner}/${name}`, act: 'add a webhook' }))
  }

  async removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/hooks/${encodeURIComponent(id)}`
    const doing: Doing = { object: `webhook ${id} of ${owner}/${name}`, act: 'remove a webhook' }
    await this.remove(path, doing, signal)
  }

  judgeRights(): CheckFinding {
    return judgeGiteaRights()
  }

  protected repositoryUrl(owner: string, name: string): string {
    this.#path(owner, name)
    return `${this.web}/${owner}/${name}.git`
  }

  protected failure(answer: TransportAnswer, doing: Doing): SluiceError {
    return giteaFailure(answer, doing)
  }

  async #organization(name: string, signal: AbortSignal | undefined): Promise<ForgeOwner> {
    const base = { name, kind: 'organization' } as const
    const { login } = await this.identify(signal)
    if (login === '') return base
    const answer = await this.get(
      `/users/${encodeURIComponent(login)}/orgs/${encodeURIComponent(name)}/permissions`,
      signal,
    )
    if (answer.status === 404) return { ...base, role: 'none', mayCreateRepositories: false }
    if (answer.status !== 200 || !isObject(answer.body)) return base
    const { is_owner: isOwner, is_admin: isAdmin, can_read: canRead, can_create_repository: canCreate } = answer.body
    const role = isOwner === true || isAdmin === true ? 'admin' : canRead === true ? 'member' : 'none'
    return { ...base, role, mayCreateRepositories: canCreate === true }
  }

  #path(owner: string, name: string): string {
    checkName('owner', owner, ownerRule)
    checkName('repository', name, repositoryRule)
    return `/repos/${owner}/${name}`
  }
}
