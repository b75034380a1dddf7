import { SluiceError } from '../../base/errors/index.ts'
import { isObject } from '../../base/json.ts'
import type { RepositoryUrl } from '../../git/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { checkedApiBase, webAddress } from '../address.ts'
import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import { type Doing, refusalError } from '../failure.ts'
import type { ForgeConnection } from '../forge-options.ts'
import { messageOf } from '../message.ts'
import { checkName, type NameRule } from '../names.ts'
import { notSupported, RestForge } from '../rest-forge.ts'
import type { TransportAnswer } from '../transport.ts'
import type {
  BranchProtection,
  CreateRepository,
  DeployKey,
  ForgeIdentity,
  ForgeOwner,
  ForgeRepository,
  RepositoryNames,
  Webhook,
} from '../types.ts'
import { azurePullRequests } from './pull-requests.ts'
import { gitPermission, gitSecurity, readRepository, valuesOf } from './read.ts'
import { azureCapabilities, azureWords, judgeAzureRights } from './rights.ts'

const nameRule: NameRule = {
  pattern: /^(?!\.)[^\\/:*?"<>|;#${},+=[\]\x00-\x1f]{1,64}$/,
  words: 'at most 64 characters, none of \\ / : * ? " < > | ; # $ { } , + = [ ]',
}
const version = 'api-version=7.1'

/** Azure DevOps Services (`dev.azure.com/<organization>`) and Server (`host/tfs/<collection>`); the owner is a project. */
export class AzureDevOpsForge extends RestForge {
  readonly kind = 'azure-devops'
  readonly capabilities = azureCapabilities
  readonly changeRequests = this.requests(
    azurePullRequests(this.web),
    (owner, name) => `${this.#path(owner)}/${encodeURIComponent(name)}`,
  )
  readonly words: ForgeWords

  constructor(options: ForgeConnection) {
    const { host, web } = address(options.host)
    const { token } = options
    // A Secret of its own, so that the encoded form is taken out of what a host echoes.
    const encoded = token && Secret.of(Buffer.from(`:${token.reveal()}`).toString('base64'))
    super(options, {
      host,
      web,
      apiBase: options.apiBase === undefined ? web : checkedApiBase(options.apiBase),
      family: 'azure-devops',
      newTokenUrl: `${web}/_usersSettings/tokens`,
      gitAuth: token && { kind: 'basic', username: 'sluice', password: token },
      headers: (): Record<string, string> => (encoded ? { authorization: `Basic ${encoded.reveal()}` } : {}),
      // A token that is wrong, revoked or of another organization gets the page to sign in, with 203 or a redirect.
      judge: ({ status, headers }) => judge(host, status, headers),
    })
    this.words = azureWords(web)
  }

  async identify(signal?: AbortSignal): Promise<ForgeIdentity> {
    const answer = await this.get(`/_apis/connectionData?connectOptions=none&api-version=7.1-preview.1`, signal)
    if (answer.status === 404) throw noOrganization(this.host, messageOf(answer.body))
    // Tokens with the scope "Code" alone may be refused here, and are fine.
    if (answer.status === 403) return { login: '', tokenKind: 'personal' }
    const body = this.expect(answer, { object: this.host, act: 'read the account of the token' })
    const user = isObject(body['authenticatedUser']) ? body['authenticatedUser'] : {}
    const properties = isObject(user['properties']) ? user['properties'] : {}
    const account = isObject(properties['Account']) ? properties['Account']['$value'] : undefined
    const name = String(account ?? user['providerDisplayName'] ?? '')
    if (name === 'Anonymous' || user['id'] === '00000000-0000-0000-0000-000000000000')
      throw new SluiceError('E_TOKEN_REFUSED', { object: this.host, seen: 'an answer for nobody in particular' })
    return { login: name, tokenKind: 'personal' }
  }

  async owner(name: string, signal?: AbortSignal): Promise<ForgeOwner | undefined> {
    checkName('project', name, nameRule)
    const answer = await this.get(`/_apis/projects/${encodeURIComponent(name)}?${version}`, signal)
    if (answer.status === 404) return undefined
    // Tokens with the scope "Code" alone may not read projects.
    if (answer.status === 403) return { name, kind: 'organization' }
    const found = this.expect(answer, { object: `project ${name}`, act: 'read a project' })
    const id = String(found['id'])
    const may = await this.#may(gitPermission.createRepository, `repoV2/${id}`, signal)
    const shown = String(found['name'] ?? name)
    return {
      name: shown,
      kind: 'organization',
      id,
      ...(may !== undefined && {
        role: 'member' as const,
        mayCreateRepositories: may,
        createRule: 'the permission "Create repository" on the Git repositories of the project',
      }),
    }
  }

  async repository(owner: string, name: string, signal?: AbortSignal): Promise<ForgeRepository | undefined> {
    const object = `repository ${owner}/${name}`
    const answer = await this.get(`${this.#path(owner)}/${encodeURIComponent(name)}?${version}`, signal)
    if (answer.status === 404) return undefined
    const found = this.expect(answer, { object, act: 'read a repository' })
    const project = isObject(found['project']) ? found['project'] : {}
    const token = `repoV2/${String(project['id'])}/${String(found['id'])}`
    const canPush = await this.#may(gitPermission.contribute, token, signal)
    const canManage = canPush === true ? await this.#may(gitPermission.managePermissions, token, signal) : undefined
    return readRepository(found, this.web, canPush, canManage === true)
  }

  async branchProtection(
    owner: string,
    name: string,
    branch: string,
    signal?: AbortSignal,
  ): Promise<BranchProtection | undefined> {
    const doing: Doing = { object: `branch ${branch} of ${owner}/${name}`, act: 'read the policies of a branch' }
    const repository = this.expect(
      await this.get(`${this.#path(owner)}/${encodeURIComponent(name)}?${version}`, signal),
      doing,
    )
    const query = `repositoryId=${String(repository['id'])}&refName=${encodeURIComponent(`refs/heads/${branch}`)}&${version}`
    const path = `/${encodeURIComponent(owner)}/_apis/git/policy/configurations?${query}`
    const answer = await this.get(path, signal)
    this.expect(answer, doing)
    const policies = valuesOf(answer.body).filter(
      policy => policy['isEnabled'] === true && policy['isBlocking'] === true,
    )
    if (policies.length === 0) return undefined
    // Any required policy makes Azure DevOps want a pull request; who may bypass it is a permission of the branch.
    const project = isObject(repository['project']) ? String(repository['project']['id']) : ''
    const encoded = branch
      .split('/')
      .map(part => Buffer.from(part, 'utf16le').toString('hex'))
      .join('/')
    const token = `repoV2/${project}/${String(repository['id'])}/refs/heads/${encoded}`
    const bypass = await this.#may(gitPermission.bypassPolicies, token, signal)
    return { requiresPullRequest: bypass !== true, requiresSignatures: false, mayPush: bypass === true }
  }

  async createRepository(request: CreateRepository, signal?: AbortSignal): Promise<ForgeRepository> {
    const { owner, name } = request
    checkName('repository', name, nameRule)
    const object = `repository ${owner}/${name}`
    const doing: Doing = { object, act: 'create a repository' }
    const project = await this.owner(owner, signal)
    if (!project) throw new SluiceError('E_FORGE_OWNER_NOT_FOUND', { object: `project ${owner}` })
    // A token that may not read projects has no id: the project in the address is enough then.
    const body = { name, ...(project.id !== undefined && { project: { id: project.id } }) }
    const answer = await this.send('POST', `${this.#path(owner)}?${version}`, body, signal)
    const said = messageOf(answer.body)
    const facts = { object, seen: said, details: { hostSaid: said } }
    if (answer.status === 409) throw new SluiceError('E_FORGE_REPOSITORY_EXISTS', facts)
    if (answer.status === 403) throw new SluiceError('E_FORGE_MAY_NOT_CREATE', facts)
    return this.appear(readRepository(this.expect(answer, doing), this.web, true, true), signal)
  }

  async deleteRepository(owner: string, name: string, signal?: AbortSignal): Promise<void> {
    const doing: Doing = { object: `repository ${owner}/${name}`, act: 'delete a repository' }
    const found = this.expect(
      await this.get(`${this.#path(owner)}/${encodeURIComponent(name)}?${version}`, signal),
      doing,
    )
    const answer = await this.send(
      'DELETE',
      `${this.#path(owner)}/${String(found['id'])}?${version}`,
      undefined,
      signal,
    )
    if (answer.status !== 204) throw this.failure(answer, doing)
  }

  async deployKeys(): Promise<DeployKey[]> {
    return []
  }

  async addDeployKey(): Promise<DeployKey> {
    throw notSupported(
      'Azure DevOps',
      'add a deploy key',
      'SSH keys belong to people there: use a token, or the SSH key of an account.',
    )
  }

  async removeDeployKey(): Promise<void> {
    throw notSupported(
      'Azure DevOps',
      'remove a deploy key',
      'It has none: remove the SSH key from the account it is of.',
    )
  }

  async webhooks(): Promise<Webhook[]> {
    return []
  }

  async addWebhook(): Promise<Webhook> {
    throw notSupported(
      'Azure DevOps',
      'add a webhook',
      'Add a service hook for "Code pushed" in the settings of the project.',
    )
  }

  async removeWebhook(): Promise<void> {
    throw notSupported('Azure DevOps', 'remove a webhook', 'Remove the service hook in the settings of the project.')
  }

  judgeRights(): CheckFinding {
    return judgeAzureRights()
  }

  /** `/ORG/PROJECT/_git/NAME` over HTTPS, `/v3/ORG/PROJECT/NAME` over SSH; the owner is the project. */
  override namesOf(url: RepositoryUrl): RepositoryNames {
    const parts = url.path.split('/').filter(part => part !== '' && part !== '_git')
    return { owner: decoded(parts.at(-2)), name: decoded(parts.at(-1)) }
  }

  protected repositoryUrl(owner: string, name: string): string {
    checkName('project', owner, nameRule)
    checkName('repository', name, nameRule)
    return `${this.web}/${encodeURIComponent(owner)}/_git/${encodeURIComponent(name)}`
  }

  protected failure(answer: TransportAnswer, doing: Doing): SluiceError {
    return refusalError(answer, doing, { host: 'Azure DevOps', missingRight: () => undefined })
  }

  /** Whether the account holds a permission of the Git repositories; undefined when the token may not ask. */
  async #may(bit: number, token: string, signal: AbortSignal | undefined): Promise<boolean | undefined> {
    const path = `/_apis/permissions/${gitSecurity}/${bit}?tokens=${encodeURIComponent(token)}&${version}`
    const answer = await this.get(path, signal)
    const value = isObject(answer.body) && Array.isArray(answer.body['value']) ? answer.body['value'][0] : undefined
    return answer.status === 200 && typeof value === 'boolean' ? value : undefined
  }

  #path(owner: string): string {
    checkName('project', owner, nameRule)
    return `/${encodeURIComponent(owner)}/_apis/git/repositories`
  }
}

/** What an answer that is a page means: the page to sign in, or no such organization. */
function judge(host: string, status: number, headers: Readonly<Record<string, string>>): SluiceError | undefined {
  if (status === 203 || (status === 302 && /_signin|login/i.test(headers['location'] ?? '')))
    return new SluiceError('E_TOKEN_REFUSED', { object: host, seen: `the page to sign in (status ${status})` })
  return status === 404 ? noOrganization(host, '') : undefined
}

function noOrganization(host: string, said: string): SluiceError {
  return new SluiceError('E_FORGE_NOT_A_FORGE', {
    object: host,
    expected: 'an organization of Azure DevOps',
    seen: said === '' ? 'status 404' : said,
    next: 'Give the address of the organization, such as dev.azure.com/acme, or of the collection on a server of your own.',
  })
}

function address(text: string): { host: string; web: string } {
  const old = /^(?:https:\/\/)?([\w-]+)\.visualstudio\.com\/?$/i.exec(text.trim())
  const found = webAddress(old ? `dev.azure.com/${old[1]}` : text, 'dev.azure.com/acme', true)
  if (!found.host.includes('/')) {
    throw new SluiceError('E_FORGE_ADDRESS_INVALID', {
      expected: 'the host with the organization or collection, such as dev.azure.com/acme',
      seen: found.host,
      next: 'Write the organization behind the host: a token of Azure DevOps is for one organization.',
    })
  }
  return found
}

/** A part of a path as people write it; as it is when it is no encoding of anything. */
function decoded(part = ''): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
