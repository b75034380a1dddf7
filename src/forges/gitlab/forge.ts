import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { Secret } from '../../secrets/secret.ts'
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
import { gitLabAddresses } from './addresses.ts'
import { gitLabFailure } from './failure.ts'
import { gitLabMergeRequests } from './merge-requests.ts'
import { readProtection } from './protection.ts'
import { levelIn, readDeployKey, readHook, readIdentity, readProject } from './read.ts'
import { gitLabCapabilities, gitLabCreateProblem, gitLabWords, judgeGitLabRights } from './rights.ts'
import { creationRule, owner as ownerLevel, roleTitle } from './roles.ts'

const ownerRule: NameRule = {
  pattern: /^(?!.*\.\.)\w[\w.-]*(?:\/\w[\w.-]*){0,20}$/,
  words: 'the path of a group (acme/platform) or user, or the id of a group',
}

/** A deploy token that was just made; its text is shown once. */
export interface DeployToken {
  readonly id: string
  readonly username: string
  readonly token: Secret
}

/** gitlab.com, GitLab Dedicated and self-managed GitLab. */
export class GitLabForge extends RestForge {
  readonly kind = 'gitlab'
  readonly capabilities = gitLabCapabilities
  readonly changeRequests = this.requests(gitLabMergeRequests, (owner, name, signal) =>
    this.#projectPath(owner, name, signal),
  )
  readonly words: ForgeWords
  /** Paths of groups that were named by id, as seen: git addresses have paths only. */
  readonly #paths = new Map<string, string>()

  constructor(options: ForgeConnection) {
    const { host, web, apiBase } = gitLabAddresses(options.host, options.apiBase)
    const { token } = options
    super(options, {
      host,
      web,
      apiBase,
      family: 'gitlab',
      newTokenUrl: `${web}/-/user_settings/personal_access_tokens?name=sluice&scopes=api`,
      gitAuth: token && { kind: 'basic', username: 'oauth2', password: token },
      headers: (): Record<string, string> => (token ? { 'private-token': token.reveal() } : {}),
      // Below a wrong root GitLab, or what stands before it, answers with pages.
      judge: ({ status, headers }) =>
        status === 404 || /\/users\/sign_in/.test(headers['location'] ?? '') ? notGitLab(apiBase, status) : undefined,
    })
    this.words = gitLabWords(web)
  }

  async identify(signal?: AbortSignal): Promise<ForgeIdentity> {
    const doing: Doing = { object: this.host, act: 'read the account of the token' }
    const self = await this.get('/personal_access_tokens/self', signal)
    if (self.status === 401) throw this.failure(self, doing)
    const user = await this.get('/user', signal)
    if (user.status === 404 && self.status === 404) throw notGitLab(this.apiBase, 404)
    const token = self.status === 200 && isObject(self.body) ? self.body : undefined
    // A token of few scopes may not read its account, but tells its scopes.
    if (user.status === 403 && token) return readIdentity(undefined, token)
    return readIdentity(this.expect(user, doing), token)
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName('owner', name, ownerRule)
    const answer = await this.get(`/groups/${encodeURIComponent(name)}?with_projects=false`, signal)
    if (answer.status !== 404) {
      const group = this.expect(answer, { object: `group ${name}`, act: 'read a group' })
      return this.#group(group, signal)
    }
    if (name.includes('/') || /^\d+$/.test(name)) return undefined
    const users = await this.get(`/users?username=${encodeURIComponent(name)}`, signal)
    const [found] = this.expectList(users, { object: `user ${name}`, act: 'read a user' })
    if (!found) return undefined
    const self = await this.#self(signal)
    const isOwn = self !== undefined && self['id'] === found['id']
    const limit = self?.['projects_limit']
    const may = isOwn && self['can_create_project'] !== false && limit !== 0
    return { name: String(found['username']), kind: 'user', role: isOwn ? 'admin' : 'none', mayCreateRepositories: may }
  }

  async repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    const object = `project ${owner}/${name}`
    const answer = await this.get(await this.#projectPath(owner, name, signal), signal)
    if (answer.status === 404) return undefined
    const found = this.expect(answer, { object, act: 'read a project' })
    const project = readProject(found, await this.#level(found, signal))
    const asked = `${this.#paths.get(owner) ?? owner}/${name}`
    const seen = `${project.owner}/${project.name}`
    if (asked.toLowerCase() !== seen.toLowerCase()) {
      throw new SluiceError('E_FORGE_REPOSITORY_MOVED', {
        object,
        seen: `it is ${seen} now`,
        next: `Write owner ${project.owner} and repository ${project.name} into the spec.`,
      })
    }
    return project
  }

  async branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined> {
    const path = await this.#projectPath(owner, name, signal)
    const found = this.expect(await this.get(path, signal), {
      object: `project ${owner}/${name}`,
      act: 'read a project',
    })
    return readProtection(this, path, branch, (await this.#level(found, signal)) ?? ownerLevel, signal)
  }

  async createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository> {
    const { owner, name, personal } = request
    checkName('owner', owner, ownerRule)
    checkName('project', name, repositoryRule)
    const group = personal ? undefined : await this.owner(owner, signal)
    if (!personal && group?.id === undefined)
      throw new SluiceError('E_FORGE_OWNER_NOT_FOUND', { object: `group ${owner}` })
    const answer = await this.send(
      'POST',
      '/projects',
      {
        name,
        path: name,
        ...(group && { namespace_id: Number(group.id) }),
        description: request.description,
        visibility: request.private ? 'private' : 'public',
        initialize_with_readme: false,
      },
      signal,
    )
    const object = `project ${owner}/${name}`
    if (answer.status !== 201)
      throw createFailure(answer, object, this.failure(answer, { object, act: 'create a project' }))
    const made = this.expect(answer, { object, act: 'create a project' })
    return this.appear(readProject(made, ownerLevel), signal)
  }

  async deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const doing: Doing = { object: `project ${owner}/${name}`, act: 'delete a project' }
    const found = this.expect(await this.get(await this.#projectPath(owner, name, signal), signal), doing)
    const path = `/projects/${String(found['id'])}`
    const answer = await this.send('DELETE', path, undefined, signal)
    if (answer.status >= 300) throw this.failure(answer, doing)
    // Where deletion is delayed, the project is only marked, and renamed: it is asked to go at once, which not everybody may.
    const left = await this.get(path, signal)
    const marked = left.status === 200 && isObject(left.body) && left.body['marked_for_deletion_on']
    if (!marked || !isObject(left.body)) return
    const full = encodeURIComponent(String(left.body['path_with_namespace']))
    await this.send('DELETE', `${path}?permanently_remove=true&full_path=${full}`, undefined, signal)
  }

  async deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]> {
    const path = `${await this.#projectPath(owner, name, signal)}/deploy_keys?per_page=100`
    const doing: Doing = { object: `project ${owner}/${name}`, act: 'read deploy keys' }
    return this.expectList(await this.get(path, signal), doing).map(readDeployKey)
  }

  async addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey> {
    const path = `${await this.#projectPath(owner, name, signal)}/deploy_keys`
    const answer = await this.send('POST', path, { title: key.title, key: key.key, can_push: !key.readOnly }, signal)
    const object = `deploy key ${key.title} of ${owner}/${name}`
    const said = messageOf(answer.body)
    if (answer.status === 400 && /already been taken/i.test(said))
      throw new SluiceError('E_FORGE_KEY_IN_USE', { object, seen: said, details: { hostSaid: said } })
    return readDeployKey(this.expect(answer, { object, act: 'add a deploy key' }))
  }

  async removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.#remove(owner, name, 'deploy_keys', id, 'deploy key', signal)
  }

  async webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]> {
    const path = `${await this.#projectPath(owner, name, signal)}/hooks?per_page=100`
    const doing: Doing = { object: `project ${owner}/${name}`, act: 'read webhooks' }
    return this.expectList(await this.get(path, signal), doing).map(readHook)
  }

  async addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook> {
    const path = `${await this.#projectPath(owner, name, signal)}/hooks`
    const body = { url: hook.url, token: hook.secret.reveal(), push_events: true, enable_ssl_verification: true }
    const answer = await this.send('POST', path, body, signal)
    return readHook(this.expect(answer, { object: `webhook of ${owner}/${name}`, act: 'add a webhook' }))
  }

  async removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.#remove(owner, name, 'hooks', id, 'webhook', signal)
  }

  /**
   * Makes a deploy token that may fetch one project: for clusters that pull over HTTPS without anybody's account. Deploy
   * tokens cannot push and cannot use the API. `expiresAt` is a day, `2027-01-31`; without one the token has no end.
   */
  async addDeployToken(
    owner: string,
    name: string,
    token: { readonly name: string; readonly expiresAt?: string },
    signal?: AbortSignal,
  ): Promise<DeployToken> {
    const path = `${await this.#projectPath(owner, name, signal)}/deploy_tokens`
    const { name: title, expiresAt } = token
    const body = { name: title, scopes: ['read_repository'], ...(expiresAt !== undefined && { expires_at: expiresAt }) }
    const doing: Doing = { object: `deploy token ${title} of ${owner}/${name}`, act: 'add a deploy token' }
    const made = this.expect(await this.send('POST', path, body, signal), doing)
    return {
      id: String(made['id']),
      username: String(made['username']),
      token: Secret.of(String(made['token'] ?? '')),
    }
  }

  /** Removes a deploy token; one that is not there any more is no failure. */
  async removeDeployToken(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    await this.#remove(owner, name, 'deploy_tokens', id, 'deploy token', signal)
  }

  judgeRights(identity: ForgeIdentity): CheckFinding {
    return judgeGitLabRights(this, identity)
  }

  override createProblem(identity: ForgeIdentity, target: TokenTarget): SluiceError | undefined {
    return gitLabCreateProblem(this, identity, target)
  }

  protected repositoryUrl(owner: string, name: string): string {
    checkName('owner', owner, ownerRule)
    checkName('project', name, repositoryRule)
    const path = this.#paths.get(owner) ?? owner
    if (/^\d+$/.test(path)) {
      throw new SluiceError('E_FORGE_OWNER_NOT_FOUND', {
        object: `group ${owner}`,
        expected: 'the path of a group in an address for git',
        seen: 'its id, before the host was asked for the path',
        next: 'Write the path of the group, such as acme/platform, as owner.',
      })
    }
    return `${this.web}/${path}/${name}.git`
  }

  protected failure(answer: TransportAnswer, doing: Doing): SluiceError {
    return gitLabFailure(answer, doing)
  }

  async #group(group: Record<string, unknown>, signal: AbortSignal | undefined): Promise<ForgeOwner> {
    const id = String(group['id'])
    const path = String(group['full_path'])
    this.#paths.set(id, path)
    const base = { name: path, kind: 'organization', id } as const
    const self = await this.#self(signal)
    if (self === undefined) return base
    if (self['is_admin'] === true)
      return { ...base, role: 'admin', mayCreateRepositories: true, roleTitle: 'an administrator' }
    const member = await this.get(`/groups/${id}/members/all/${String(self['id'])}`, signal)
    if (member.status === 404) return { ...base, role: 'none', mayCreateRepositories: false }
    if (member.status !== 200 || !isObject(member.body)) return base
    const level = Number(member.body['access_level'] ?? 0)
    const rule = creationRule(group['project_creation_level'])
    const may = rule.allows(level)
    return {
      ...base,
      role: level >= ownerLevel ? 'admin' : 'member',
      roleTitle: roleTitle(level),
      createRule: rule.words,
      ...(may !== undefined && { mayCreateRepositories: may }),
    }
  }

  /** The account's access level on a project; undefined when the host does not tell. */
  async #level(project: Record<string, unknown>, signal: AbortSignal | undefined): Promise<number | undefined> {
    const told = levelIn(project)
    if (told > 0) return told
    const self = await this.#self(signal)
    if (self === undefined) return undefined
    if (self['is_admin'] === true) return ownerLevel
    // Members through a group that was invited to the project are not in `permissions`.
    const member = await this.get(`/projects/${String(project['id'])}/members/all/${String(self['id'])}`, signal)
    if (member.status !== 200 || !isObject(member.body)) return member.status === 404 ? 0 : undefined
    return Number(member.body['access_level'] ?? 0)
  }

  async #self(signal: AbortSignal | undefined): Promise<Record<string, unknown> | undefined> {
    const answer = await this.get('/user', signal)
    if (answer.status === 401) throw this.failure(answer, { object: this.host, act: 'read the account of the token' })
    return answer.status === 200 && isObject(answer.body) ? answer.body : undefined
  }

  async #remove(
    owner: string,
    name: string,
    what: string,
    id: string,
    noun: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const path = `${await this.#projectPath(owner, name, signal)}/${what}/${encodeURIComponent(id)}`
    const doing: Doing = { object: `${noun} ${id} of ${owner}/${name}`, act: `remove a ${noun}` }
    await this.remove(path, doing, signal)
  }

  /** `/projects/acme%2Fplatform%2Ffleet`; the path of a group that is named by its id is asked for first. */
  async #projectPath(owner: string, name: string, signal: AbortSignal | undefined): Promise<string> {
    checkName('owner', owner, ownerRule)
    checkName('project', name, repositoryRule)
    if (/^\d+$/.test(owner) && !this.#paths.has(owner)) await this.owner(owner, signal)
    return `/projects/${encodeURIComponent(`${this.#paths.get(owner) ?? owner}/${name}`)}`
  }
}

function createFailure(answer: TransportAnswer, object: string, failure: SluiceError): SluiceError {
  const said = messageOf(answer.body)
  const facts = { object, seen: said === '' ? `status ${answer.status}` : said, details: { hostSaid: said } }
  if (/already been taken/i.test(said)) return new SluiceError('E_FORGE_REPOSITORY_EXISTS', facts)
  if (failure.code === 'E_FORGE_FORBIDDEN' || /limit_reached|not allowed to create|project limit/i.test(said))
    return new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
  return failure
}

function notGitLab(apiBase: string, status: number): SluiceError {
  return new SluiceError('E_FORGE_NOT_A_FORGE', {
    object: apiBase,
    expected: 'the API of GitLab',
    seen: `no API there (status ${status})`,
    next: 'Give the host with its relative URL root when it has one, such as git.example.com/gitlab: Sluice adds /api/v4 by itself.',
  })
}
