import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { RepositoryUrl } from '../../git/index.ts'
import { checkedApiBase, webAddress } from '../address.ts'
import { valuesOf } from '../bitbucket/read.ts'
import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import { type Doing, refusalError } from '../failure.ts'
import type { ForgeConnection } from '../forge-options.ts'
import { findListed } from '../listed.ts'
import { messageOf } from '../message.ts'
import { checkName, type NameRule } from '../names.ts'
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
  RepositoryNames,
  Webhook,
} from '../types.ts'
import { bitbucketServerPullRequests } from './pull-requests.ts'
import { bitbucketServerCapabilities, bitbucketServerWords, judgeBitbucketServerRights } from './rights.ts'

const projectRule: NameRule = {
  pattern: /^(?:[A-Za-z]\w{0,127}|~[\w.-]{1,127})$/,
  words: 'the key of a project, such as FLEET, or a personal project, such as ~mona',
}
const slugRule: NameRule = {
  pattern: /^(?!\.{1,2}$)[a-z0-9][a-z0-9._-]{0,127}$/,
  words: 'lower-case letters, digits, `-`, `_` and `.`',
}
const core = '/rest/api/1.0'

/** Bitbucket Data Center (and Server): projects by key, personal projects as `~user`. */
export class BitbucketServerForge extends RestForge {
  readonly kind = 'bitbucket-server'
  readonly capabilities = bitbucketServerCapabilities
  readonly changeRequests = this.requests(bitbucketServerPullRequests, (owner, name) => this.#path(owner, name))
  readonly words: ForgeWords

  constructor(options: ForgeConnection) {
    const { host, web } = webAddress(options.host, 'bitbucket.example.com or git.example.com/bitbucket', true)
    const { token } = options
    super(options, {
      host,
      web,
      apiBase: options.apiBase === undefined ? web : checkedApiBase(options.apiBase),
      // Its tokens have no shape of their own: what is known to be another host's is refused.
      family: 'unknown',
      newTokenUrl: `${web}/plugins/servlet/access-tokens/manage`,
      gitAuth: token && { kind: 'bearer', token },
      headers: (): Record<string, string> => (token ? { authorization: `Bearer ${token.reveal()}` } : {}),
    })
    this.words = bitbucketServerWords(web)
  }

  async identify(signal?: AbortSignal): Promise<ForgeIdentity> {
    const answer = await this.get(`${core}/projects?limit=1`, signal)
    if (answer.status === 404) {
      throw new SluiceError('E_FORGE_NOT_A_FORGE', {
        object: this.apiBase,
        expected: 'the API of Bitbucket Data Center',
        seen: 'status 404 for its list of projects',
        next: 'Give the host with its context path when it has one, such as git.example.com/bitbucket.',
      })
    }
    this.expect(answer, { object: this.host, act: 'read the account of the token' })
    // Who asked is told in a header only.
    const login = decodeURIComponent(answer.headers['x-ausername'] ?? '')
    if (login === '') {
      // Instances with public access answer a token that they do not know as if there were none.
      throw new SluiceError('E_TOKEN_REFUSED', { object: this.host, seen: 'an answer for nobody in particular' })
    }
    return { login, tokenKind: 'personal' }
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName('project', name, projectRule)
    const { login } = await this.identify(signal)
    const answer = await this.get(`${core}/projects/${name}`, signal)
    if (name.startsWith('~') || name.toLowerCase() === login.toLowerCase()) {
      const isOwn = name.replace(/^~/, '').toLowerCase() === login.toLowerCase()
      // A personal project is made with its first repository.
      return { name, kind: 'user', role: isOwn ? 'admin' : 'none', mayCreateRepositories: isOwn }
    }
    if (answer.status === 404) return undefined
    const found = this.expect(answer, { object: `project ${name}`, act: 'read a project' })
    const key = String(found['key'] ?? name)
    const may = await this.#holds(key, ['PROJECT_ADMIN', 'REPO_CREATE'], signal)
    const base = { name: key, kind: 'organization' } as const
    if (may === undefined) return base
    return may === 'PROJECT_ADMIN'
      ? { ...base, role: 'admin', roleTitle: 'an administrator', mayCreateRepositories: true }
      : {
          ...base,
          role: 'member',
          mayCreateRepositories: may === 'REPO_CREATE',
          createRule: 'the permission "Project admin" or "Repository create"',
        }
  }

  async repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    const object = `repository ${owner}/${name}`
    const answer = await this.get(this.#path(owner, name), signal)
    if (answer.status === 404) return undefined
    const found = this.expect(answer, { object, act: 'read a repository' })
    const key = isObject(found['project']) ? String(found['project']['key'] ?? owner) : owner
    const slug = String(found['slug'] ?? name)
    if (key.toLowerCase() !== this.#key(owner).toLowerCase() || slug !== name) {
      throw new SluiceError('E_FORGE_REPOSITORY_MOVED', {
        object,
        seen: `it is ${key}/${slug} now`,
        next: `Write owner ${key} and repository ${slug} into the spec.`,
      })
    }
    const branch = await this.get(`${this.#path(owner, name)}/default-branch`, signal)
    const isBranch = branch.status === 200 && isObject(branch.body)
    const canWrite = await this.#repositoryHas(key, slug, 'REPO_WRITE', signal)
    const canAdmin = canWrite === true ? await this.#repositoryHas(key, slug, 'REPO_ADMIN', signal) : false
    return {
      ...(found['id'] !== undefined && { id: String(found['id']) }),
      owner: key,
      name: slug,
      private: found['public'] !== true,
      archived: found['archived'] === true,
      ...((isBranch || branch.status === 204 || branch.status === 404) && { empty: !isBranch }),
      defaultBranch: isBranch ? String((branch.body as Record<string, unknown>)['displayId'] ?? 'main') : 'main',
      cloneUrl: this.repositoryUrl(owner, name),
      webUrl: `${this.web}/projects/${key}/repos/${slug}/browse`,
      permissions: {
        pull: true,
        push: canWrite === true,
        admin: canAdmin === true,
        ...(canWrite === undefined && { undetermined: true }),
      },
    }
  }

  async branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined> {
    const { login } = await this.identify(signal)
    const path = `/rest/branch-permissions/2.0/projects/${this.#key(owner)}/repos/${name}/restrictions?limit=500`
    const answer = await this.get(path, signal)
    this.expect(answer, { object: `branch ${branch} of ${owner}/${name}`, act: 'read the permissions of branches' })
    const hits = valuesOf(answer.body).filter(
      rule => /^(?:read-only|pull-request-only)$/.test(String(rule['type'])) && hitsBranch(rule['matcher'], branch),
    )
    const binding = hits.filter(rule => !names(rule['users']).includes(login))
    if (hits.length === 0) return undefined
    if (binding.length === 0) return { requiresPullRequest: false, requiresSignatures: false, mayPush: true }
    // Groups may exempt the account; who is in them is not told.
    const isUnsure = binding.every(rule => Array.isArray(rule['groups']) && rule['groups'].length > 0)
    if (isUnsure) return { requiresPullRequest: false, requiresSignatures: false, partial: true }
    return { requiresPullRequest: true, requiresSignatures: false, mayPush: false }
  }

  async createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository> {
    const { owner, name } = request
    this.#path(owner, name)
    const object = `repository ${owner}/${name}`
    const doing: Doing = { object, act: 'create a repository' }
    const body = {
      name,
      scmId: 'git',
      description: request.description,
      public: !request.private,
      defaultBranch: 'main',
    }
    const answer = await this.send('POST', `${core}/projects/${this.#key(owner)}/repos`, body, signal)
    const said = messageOf(answer.body)
    const facts = { object, seen: said, details: { hostSaid: said } }
    if (answer.status === 409) throw new SluiceError('E_FORGE_REPOSITORY_EXISTS', facts)
    // Bitbucket answers 401 both for nobody and for somebody with too few rights.
    if (answer.status === 401 && /permission|authori[sz]ed/i.test(said) && !/authentication/i.test(said))
      throw new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
    if (answer.status === 403) throw new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
    const made = this.expect(answer, doing)
    const slug = String(made['slug'] ?? name)
    const found = await this.repository(owner, slug, signal)
    if (!found) throw new SluiceError('E_FORGE_REPOSITORY_NOT_FOUND', { object })
    return found
  }

  async deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.send('DELETE', this.#path(owner, name), undefined, signal)
    if (answer.status !== 202 && answer.status !== 204)
      throw this.failure(answer, { object: `repository ${owner}/${name}`, act: 'delete a repository' })
  }

  async deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]> {
    const answer = await this.get(`${this.#keysPath(owner, name)}?limit=500`, signal)
    this.expect(answer, { object: `repository ${owner}/${name}`, act: 'read access keys' })
    return valuesOf(answer.body).map(readKey)
  }

  async addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey> {
    const body = { key: { text: key.key, label: key.title }, permission: key.readOnly ? 'REPO_READ' : 'REPO_WRITE' }
    const answer = await this.send('POST', this.#keysPath(owner, name), body, signal)
    const object = `access key ${key.title} of ${owner}/${name}`
    const said = messageOf(answer.body)
    if (answer.status === 409)
      throw new SluiceError('E_FORGE_KEY_IN_USE', { object, seen: said, details: { hostSaid: said } })
    return readKey(this.expect(answer, { object, act: 'add an access key' }))
  }

  async removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#keysPath(owner, name)}/${encodeURIComponent(id)}`
    const doing: Doing = { object: `access key ${id} of ${owner}/${name}`, act: 'remove an access key' }
    await this.remove(path, doing, signal)
  }

  async webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]> {
    const answer = await this.get(`${this.#path(owner, name)}/webhooks?limit=500`, signal)
    this.expect(answer, { object: `repository ${owner}/${name}`, act: 'read webhooks' })
    return valuesOf(answer.body).map(readHook)
  }

  async addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook> {
    const configuration = { secret: hook.secret.reveal() }
    const body = { name: 'sluice', url: hook.url, active: true, events: ['repo:refs_changed'], configuration }
    const answer = await this.send('POST', `${this.#path(owner, name)}/webhooks`, body, signal)
    return readHook(this.expect(answer, { object: `webhook of ${owner}/${name}`, act: 'add a webhook' }))
  }

  async removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/webhooks/${encodeURIComponent(id)}`
    const doing: Doing = { object: `webhook ${id} of ${owner}/${name}`, act: 'remove a webhook' }
    await this.remove(path, doing, signal)
  }

  judgeRights(): CheckFinding {
    return judgeBitbucketServerRights()
  }

  /** Over HTTPS below `/scm`, over SSH without it. */
  override namesOf(url: RepositoryUrl): RepositoryNames {
    const { owner, name } = super.namesOf(url)
    return { owner: owner.replace(/^scm\//, ''), name }
  }

  protected repositoryUrl(owner: string, name: string): string {
    this.#path(owner, name)
    return `${this.web}/scm/${this.#key(owner).toLowerCase()}/${name}.git`
  }

  protected failure(answer: TransportAnswer, doing: Doing): SluiceError {
    const said = messageOf(answer.body)
    // "You are not permitted to access this resource" comes with 401 for a token that is known.
    if (answer.status === 401 && /not permitted|permission/i.test(said)) {
      const facts = { object: doing.object, seen: said, details: { status: 401, hostSaid: said } }
      return new SluiceError('E_FORGE_FORBIDDEN', { ...facts, expected: `the right to ${doing.act}` })
    }
    return refusalError(answer, doing, { host: 'Bitbucket Data Center', missingRight: () => undefined })
  }

  /** The first of the permissions that the account holds on a project; `none` for none of them; undefined when not told. */
  async #holds<P extends string>(
    key: string,
    permissions: readonly P[],
    signal: AbortSignal | undefined,
  ): Promise<P | 'none' | undefined> {
    for (const permission of permissions) {
      let isUnknown = false
      const ask = async (start = 0) => {
        const answer = await this.get(`${core}/projects?permission=${permission}&limit=1000&start=${start}`, signal)
        isUnknown = answer.status === 400
        return answer
      }
      const found = await findListed(ask, nextStart, project => project['key'] === key)
      if (isUnknown) continue
      if (found === undefined) return undefined
      if (found !== 'none') return permission
    }
    return 'none'
  }

  async #repositoryHas(
    key: string,
    slug: string,
    permission: string,
    signal: AbortSignal | undefined,
  ): Promise<boolean | undefined> {
    const query = `projectkey=${encodeURIComponent(key)}&name=${encodeURIComponent(slug)}&permission=${permission}&limit=1000`
    const found = await findListed(
      (start = 0) => this.get(`${core}/repos?${query}&start=${start}`, signal),
      nextStart,
      ({ slug: its, project }) => its === slug && isObject(project) && project['key'] === key,
    )
    return found === undefined ? undefined : found !== 'none'
  }

  #keysPath(owner: string, name: string): string {
    this.#path(owner, name)
    return `/rest/keys/1.0/projects/${this.#key(owner)}/repos/${name}/ssh`
  }

  /** Keys of projects are in capitals; a personal project keeps the name of its user. */
  #key(owner: string): string {
    return owner.startsWith('~') ? owner : owner.toUpperCase()
  }

  #path(owner: string, name: string): string {
    checkName('project', owner, projectRule)
    checkName('repository', name, slugRule)
    return `${core}/projects/${this.#key(owner)}/repos/${name}`
  }
}

/** Where the next page of a list begins. */
function nextStart(body: Record<string, unknown>): number | undefined {
  const { isLastPage, nextPageStart } = body
  return isLastPage === false && typeof nextPageStart === 'number' ? nextPageStart : undefined
}

/** Whether a rule's matcher hits a branch; one that depends on the branching model is taken to. */
function hitsBranch(matcher: unknown, branch: string): boolean {
  if (!isObject(matcher)) return false
  const type = isObject(matcher['type']) ? matcher['type']['id'] : undefined
  if (type === 'BRANCH') return matcher['id'] === `refs/heads/${branch}` || matcher['displayId'] === branch
  if (type === 'ANY_REF') return true
  if (type !== 'PATTERN') return type === 'MODEL_BRANCH'
  const source = String(matcher['id'] ?? '')
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^(?:refs/heads/)?${source}$`).test(branch)
}

function names(users: unknown): string[] {
  return Array.isArray(users) ? users.map(user => (isObject(user) ? String(user['name'] ?? '') : String(user))) : []
}

function readKey(found: Record<string, unknown>): DeployKey {
  const key = isObject(found['key']) ? found['key'] : {}
  return {
    id: String(key['id'] ?? ''),
    title: String(key['label'] ?? ''),
    key: String(key['text'] ?? ''),
    readOnly: found['permission'] !== 'REPO_WRITE',
  }
}

function readHook(found: Record<string, unknown>): Webhook {
  return { id: String(found['id'] ?? ''), url: String(found['url'] ?? ''), active: found['active'] === true }
}
