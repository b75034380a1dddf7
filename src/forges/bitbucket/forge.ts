import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import { isLoopback } from '../../git/index.ts'
import type { GitAuth } from '../../git/types.ts'
import { Secret } from '../../secrets/secret.ts'
import { checkedApiBase, webAddress } from '../address.ts'
import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import type { Doing } from '../failure.ts'
import type { ForgeConnection } from '../forge-options.ts'
import { findListed } from '../listed.ts'
import { messageOf } from '../message.ts'
import { checkName, type NameRule } from '../names.ts'
import { notSupported, RestForge } from '../rest-forge.ts'
import { classifyToken } from '../token-shape.ts'
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
import { bitbucketFailure } from './failure.ts'
import { bitbucketPullRequests } from './pull-requests.ts'
import { readAccessKey, readHook, readRepository, valuesOf } from './read.ts'
import { bitbucketCapabilities, bitbucketWords, judgeBitbucketRights } from './rights.ts'

const workspaceRule: NameRule = { pattern: /^[\w-]{1,62}$/, words: 'letters, digits, `-` and `_`' }
const slugRule: NameRule = {
  pattern: /^(?!\.{1,2}$)[a-z0-9._-]{1,62}$/,
  words: 'lower-case letters, digits, `-`, `_` and `.`',
}
const tokenPage = 'https://id.atlassian.com/manage-profile/security/api-tokens'

/**
 * Bitbucket Cloud. API tokens and app passwords go with a user name (REST wants the e-mail address of the account), access
 * tokens of a repository, project or workspace without one.
 */
export class BitbucketForge extends RestForge {
  readonly kind = 'bitbucket'
  readonly capabilities = bitbucketCapabilities
  readonly changeRequests = this.requests(bitbucketPullRequests, (owner, name) => this.#path(owner, name))
  readonly words: ForgeWords

  constructor(options: ForgeConnection) {
    const { host, web, apiBase } = addresses(options)
    const { token, username } = options
    const { kind } = classifyToken(token?.reveal() ?? '')
    const header = authorization(options)
    const needsName = (kind === 'api' || kind === 'app-password') && (username ?? '') === ''
    super(options, {
      host,
      web,
      apiBase,
      family: 'bitbucket',
      newTokenUrl: tokenPage,
      problem: needsName ? missingName(options.tokenSource) : undefined,
      gitAuth: gitAuth(options, kind),
      headers: (): Record<string, string> => (header ? { authorization: header.reveal() } : {}),
    })
    this.words = bitbucketWords(web)
  }

  async identify(signal?: AbortSignal): Promise<ForgeIdentity> {
    const answer = await this.get('/user', signal)
    const header = answer.headers['x-oauth-scopes']
    const scopes = header?.split(/[\s,]+/).filter(scope => scope !== '')
    const told = scopes && { scopes }
    // Access tokens of a repository belong to nobody.
    if (answer.status === 403) return { login: '', tokenKind: 'unknown', ...told }
    const user = this.expect(answer, { object: this.host, act: 'read the account of the token' })
    const login = String(user['username'] ?? user['nickname'] ?? user['display_name'] ?? '')
    return { login, tokenKind: 'personal', ...told }
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName('workspace', name, workspaceRule)
    const answer = await this.get(`/workspaces/${name}`, signal)
    if (answer.status === 404) return undefined
    // Access tokens of a repository may not look at the workspace.
    if (answer.status === 403) return { name, kind: 'organization' }
    const found = this.expect(answer, { object: `workspace ${name}`, act: 'read a workspace' })
    const slug = String(found['slug'] ?? name)
    const { login } = await this.identify(signal)
    if (login !== '' && login.toLowerCase() === slug.toLowerCase())
      return { name: slug, kind: 'user', role: 'admin', mayCreateRepositories: true }
    const access = await findListed(
      // The address of the next page is the host's; only that there is one is taken from it.
      (page = 1) => this.get(`/user/workspaces?pagelen=100&page=${page}`, signal),
      ({ next }, page) => (typeof next === 'string' ? page + 1 : undefined),
      ({ workspace }) => isObject(workspace) && String(workspace['slug']).toLowerCase() === slug.toLowerCase(),
    )
    if (access === undefined) return { name: slug, kind: 'organization' }
    if (access === 'none') return { name: slug, kind: 'organization', role: 'none', mayCreateRepositories: false }
    // Whether a member may create repositories is a setting of each project in the workspace.
    return access['administrator'] === true
      ? { name: slug, kind: 'organization', role: 'admin', roleTitle: 'an administrator', mayCreateRepositories: true }
      : { name: slug, kind: 'organization', role: 'member' }
  }

  async repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    const answer = await this.get(this.#path(owner, name), signal)
    if (answer.status === 404) return undefined
    const object = `repository ${owner}/${name}`
    const body = this.expect(answer, { object, act: 'read a repository' })
    const found = readRepository(body, await this.#role(owner, name, signal))
    if (`${found.owner}/${found.name}`.toLowerCase() !== `${owner}/${name}`.toLowerCase()) {
      throw new SluiceError('E_FORGE_REPOSITORY_MOVED', {
        object,
        seen: `it is ${found.owner}/${found.name} now`,
        next: `Write owner ${found.owner} and repository ${found.name} into the spec.`,
      })
    }
    return found
  }

  async branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined> {
    const path = `${this.#path(owner, name)}/branch-restrictions?kind=push&pattern=${encodeURIComponent(branch)}`
    const answer = await this.get(path, signal)
    const doing: Doing = { object: `branch ${branch} of ${owner}/${name}`, act: 'read the restrictions of branches' }
    this.expect(answer, doing)
    const [rule] = valuesOf(answer.body)
    if (!rule) return undefined
    const users = Array.isArray(rule['users']) ? rule['users'].filter(isObject) : []
    const groups = Array.isArray(rule['groups']) ? rule['groups'] : []
    const self = await this.get('/user', signal)
    const uuid = isObject(self.body) ? self.body['uuid'] : undefined
    const isNamed = uuid !== undefined && users.some(user => user['uuid'] === uuid)
    if (isNamed) return { requiresPullRequest: false, requiresSignatures: false, mayPush: true }
    // Who is in a group that may push is not told.
    if (groups.length > 0) return { requiresPullRequest: false, requiresSignatures: false, partial: true }
    return { requiresPullRequest: true, requiresSignatures: false, mayPush: false }
  }

  async createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository> {
    const { owner, name } = request
    const body = { scm: 'git', is_private: request.private, description: request.description }
    const answer = await this.send('POST', this.#path(owner, name), body, signal)
    const object = `repository ${owner}/${name}`
    if (answer.status < 300)
      return this.appear(readRepository(this.expect(answer, doingCreate(object)), 'admin'), signal)
    const said = messageOf(answer.body)
    const facts = { object, seen: said, details: { hostSaid: said } }
    if (answer.status === 400 && /already exists/i.test(said)) throw new SluiceError('E_FORGE_REPOSITORY_EXISTS', facts)
    const failure = this.failure(answer, doingCreate(object))
    if (failure.code === 'E_FORGE_FORBIDDEN') throw new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
    throw failure
  }

  async deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const answer = await this.send('DELETE', this.#path(owner, name), undefined, signal)
    if (answer.status !== 204)
      throw this.failure(answer, { object: `repository ${owner}/${name}`, act: 'delete a repository' })
  }

  async deployKeys(owner: string, name: string, signal?: AbortSignal): Promise<DeployKey[]> {
    const answer = await this.get(`${this.#path(owner, name)}/deploy-keys?pagelen=100`, signal)
    this.expect(answer, { object: `repository ${owner}/${name}`, act: 'read access keys' })
    return valuesOf(answer.body).map(readAccessKey)
  }

  async addDeployKey(owner: string, name: string, key: NewDeployKey, signal?: AbortSignal): Promise<DeployKey> {
    if (!key.readOnly) {
      throw notSupported(
        'Bitbucket Cloud',
        'add a key that may push',
        'Push with an access token of the repository; keys only read.',
      )
    }
    const body = { key: key.key, label: key.title }
    const answer = await this.send('POST', `${this.#path(owner, name)}/deploy-keys`, body, signal)
    const object = `access key ${key.title} of ${owner}/${name}`
    const said = messageOf(answer.body)
    if (answer.status === 400 && /already/i.test(said))
      throw new SluiceError('E_FORGE_KEY_IN_USE', { object, seen: said, details: { hostSaid: said } })
    return readAccessKey(this.expect(answer, { object, act: 'add an access key' }))
  }

  async removeDeployKey(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/deploy-keys/${encodeURIComponent(id)}`
    const doing: Doing = { object: `access key ${id} of ${owner}/${name}`, act: 'remove an access key' }
    await this.remove(path, doing, signal)
  }

  async webhooks(owner: string, name: string, signal?: AbortSignal): Promise<Webhook[]> {
    const answer = await this.get(`${this.#path(owner, name)}/hooks?pagelen=100`, signal)
    this.expect(answer, { object: `repository ${owner}/${name}`, act: 'read webhooks' })
    return valuesOf(answer.body).map(readHook)
  }

  async addWebhook(owner: string, name: string, hook: NewWebhook, signal?: AbortSignal): Promise<Webhook> {
    const body = {
      description: 'sluice',
      url: hook.url,
      active: true,
      events: ['repo:push'],
      secret: hook.secret.reveal(),
    }
    const answer = await this.send('POST', `${this.#path(owner, name)}/hooks`, body, signal)
    return readHook(this.expect(answer, { object: `webhook of ${owner}/${name}`, act: 'add a webhook' }))
  }

  async removeWebhook(owner: string, name: string, id: string, signal?: AbortSignal): Promise<void> {
    const path = `${this.#path(owner, name)}/hooks/${encodeURIComponent(id)}`
    const doing: Doing = { object: `webhook ${id} of ${owner}/${name}`, act: 'remove a webhook' }
    await this.remove(path, doing, signal)
  }

  judgeRights(identity: ForgeIdentity): CheckFinding {
    return judgeBitbucketRights(this, identity)
  }

  protected repositoryUrl(owner: string, name: string): string {
    this.#path(owner, name)
    return `${this.web}/${owner}/${name}.git`
  }

  protected failure(answer: TransportAnswer, doing: Doing): SluiceError {
    return bitbucketFailure(answer, doing)
  }

  /** The account's role, by which of the lists that filter by role the repository is in; undefined when none tells. */
  async #role(
    owner: string,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<'admin' | 'contributor' | 'member' | undefined> {
    const query = encodeURIComponent(`slug="${name}"`)
    for (const role of ['admin', 'contributor', 'member'] as const) {
      const answer = await this.get(`/repositories/${owner}?role=${role}&q=${query}`, signal)
      if (answer.status !== 200) return undefined
      if (valuesOf(answer.body).length > 0) return role
    }
    return undefined
  }

  #path(owner: string, name: string): string {
    checkName('workspace', owner, workspaceRule)
    checkName('repository', name, slugRule)
    return `/repositories/${owner}/${name}`
  }
}

function doingCreate(object: string): Doing {
  return { object, act: 'create a repository' }
}

function addresses(options: ForgeConnection): { host: string; web: string; apiBase: string } {
  const { host, web } = webAddress(options.host, 'bitbucket.org', false)
  if (options.apiBase !== undefined) return { host, web, apiBase: checkedApiBase(options.apiBase) }
  if (isLoopback(host.replace(/:\d+$/, ''))) return { host, web, apiBase: `${web}/2.0` }
  if (!/^(?:www\.|api\.)?bitbucket\.org$/.test(host)) {
    throw new SluiceError('E_FORGE_ADDRESS_INVALID', {
      expected: 'bitbucket.org',
      seen: host,
      next: 'For Bitbucket on a host of your own, set the kind to bitbucket-server.',
    })
  }
  return { host: 'bitbucket.org', web: 'https://bitbucket.org', apiBase: 'https://api.bitbucket.org/2.0' }
}

/** The whole header is a Secret, so that its encoded form is taken out of what a host echoes. */
function authorization({ token, username }: ForgeConnection): Secret | undefined {
  if (!token) return undefined
  if (username === undefined || username === '') return Secret.of(`Bearer ${token.reveal()}`)
  const encoded = Secret.of(Buffer.from(`${username}:${token.reveal()}`).toString('base64'))
  return Secret.of(`Basic ${encoded.reveal()}`)
}

/** Git wants other user names than REST: fixed ones, that say what the password is. */
function gitAuth({ token, username }: ForgeConnection, kind: string): GitAuth | undefined {
  if (!token) return undefined
  const isNamed = username !== undefined && username !== ''
  const name = kind === 'api' ? 'x-bitbucket-api-token-auth' : isNamed ? username : 'x-token-auth'
  return { kind: 'basic', username: name, password: token }
}

function missingName(source: string | undefined): SluiceError {
  return new SluiceError('E_TOKEN_USERNAME_MISSING', {
    object: source ?? 'the token for bitbucket.org',
    expected: 'the e-mail address of the Atlassian account beside it',
    seen: 'a token alone',
  })
}
