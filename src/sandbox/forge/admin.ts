import { randomBytes } from 'node:crypto'
import { SluiceError } from '../../base/errors/index.ts'
import type { Secret } from '../../secrets/secret.ts'
import { type Account, accountByLogin, type NewAccount, putAccount, putMember, removeMember } from './accounts.ts'
import type { ForgeContext } from './context.ts'
import { insertRepository, isRepositoryName, repositoryByName, type StoredRepository } from './repositories.ts'
import { insertToken, type Permissions, revokeToken } from './tokens.ts'

/** A token to be made. */
export interface CreateToken {
  /** Login of the user whose token it is. */
  readonly user: string
  readonly kind: 'classic' | 'fine-grained'
  /** Classic: `repo`, `public_repo`, `read:org`, `admin:org`, `delete_repo`, … */
  readonly scopes?: readonly string[]
  /** Fine-grained: `contents`, `administration`, `webhooks`, `pull_requests`, … */
  readonly permissions?: Permissions
  /** Fine-grained: login whose repositories it is for; the user when absent. */
  readonly resourceOwner?: string
  /** Fine-grained: names of repositories of the resource owner; all of them when absent. */
  readonly repositories?: readonly string[]
  /** Organizations that a classic token is authorized for single sign-on with. */
  readonly sso?: readonly string[]
  readonly expiresAt?: Date
}

/** A token for GitLab's API to be made: personal, or of a group or project, which then gets a bot account. */
export interface CreateGitLabToken {
  /** Login of the user whose token it is; with `group` or `project` a bot is made in place of a user. */
  readonly user?: string
  /** Path of the group whose token it is. */
  readonly group?: string
  /** Path of the project whose token it is: `acme/fleet`. */
  readonly project?: string
  /** What the bot of a group or project token may do; `admin` when absent. */
  readonly role?: 'read' | 'write' | 'admin'
  /** `api`, `read_api`, `read_user`, `read_repository`, `write_repository`. */
  readonly scopes: readonly string[]
  readonly expiresAt?: Date
}

/** A repository to be made without HTTP. */
export interface AdminRepository {
  readonly owner: string
  readonly name: string
  /** True when absent. */
  readonly private?: boolean
  readonly description?: string
  /** `main` when absent. */
  readonly defaultBranch?: string
}

/** The forge's own administration: what people do in GitHub's settings pages. Every call is safe to repeat, but tokens. */
export interface ForgeAdmin {
  createUser(user: NewAccount): Account
  createOrganization(organization: NewAccount): Account
  /** Fails with E_FORGE_OWNER_NOT_FOUND. */
  addMember(organization: string, user: string, role?: 'admin' | 'member', state?: 'active' | 'pending'): void
  removeMember(organization: string, user: string): void
  addCollaborator(owner: string, repository: string, user: string, permission: 'read' | 'write' | 'admin'): void
  /** Makes a token; only its digest is kept. Fails with E_FORGE_OWNER_NOT_FOUND or E_FORGE_REPOSITORY_NOT_FOUND. */
  createToken(token: CreateToken): Secret
  /** Makes a token for GitLab's API (`/api/v4`). Fails as `createToken` does. */
  createGitLabToken(token: CreateGitLabToken): Secret
  /** Ends a token for good; false when there is none. */
  revokeToken(token: Secret): boolean
  /** Makes a repository, or returns the one with this name. Fails with E_FORGE_NAME_INVALID or E_FORGE_OWNER_NOT_FOUND. */
  createRepository(repository: AdminRepository): Promise<StoredRepository>
}

/** The administration of a running forge. */
export function forgeAdmin(context: ForgeContext): ForgeAdmin {
  const { store, clock } = context
  const account = (login: string, kind?: Account['kind']): Account => {
    const found = accountByLogin(store, login)
    if (!found || (kind && found.kind !== kind)) {
      throw new SluiceError('E_FORGE_OWNER_NOT_FOUND', { object: `${kind ?? 'account'} ${login}` })
    }
    return found
  }
  const repositoryOf = (owner: Account, name: string): StoredRepository => {
    const found = repositoryByName(store, owner.id, name)
    if (!found) throw new SluiceError('E_FORGE_REPOSITORY_NOT_FOUND', { object: `${owner.login}/${name}` })
    return found
  }
  const makeBot = ({ group, project, role = 'admin' }: CreateGitLabToken): Account => {
    const suffix = randomBytes(16).toString('hex')
    if (project !== undefined) {
      const slash = project.lastIndexOf('/')
      const { id } = repositoryOf(account(project.slice(0, slash)), project.slice(slash + 1))
      const bot = putAccount(store, 'user', { login: `project_${id}_bot_${suffix}` }, clock.now())
      store
        .prepare('INSERT INTO collaborators (repository, account, permission) VALUES (?, ?, ?)')
        .run(id, bot.id, role)
      return bot
    }
    const owner = account(group ?? '', 'organization')
    const bot = putAccount(store, 'user', { login: `group_${owner.id}_bot_${suffix}` }, clock.now())
    putMember(store, owner, bot, { role: role === 'admin' ? 'admin' : 'member', state: 'active' })
    return bot
  }
  return {
    createUser: user => putAccount(store, 'user', user, clock.now()),
    createOrganization: organization => putAccount(store, 'organization', organization, clock.now()),
    addMember(organization, user, role = 'member', state = 'active') {
      putMember(store, account(organization, 'organization'), account(user, 'user'), { role, state })
    },
    removeMember(organization, user) {
      removeMember(store, account(organization, 'organization'), account(user, 'user'))
    },
    addCollaborator(owner, repository, user, permission) {
      store
        .prepare(
          'INSERT INTO collaborators (repository, account, permission) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET permission = excluded.permission',
        )
        .run(repositoryOf(account(owner), repository).id, account(user, 'user').id, permission)
    },
    createToken(token) {
      const user = account(token.user, 'user')
      const resourceOwner = token.resourceOwner === undefined ? user : account(token.resourceOwner)
      const { text } = insertToken(
        store,
        {
          account: user.id,
          kind: token.kind,
          api: 'github',
          name: undefined,
          scopes: token.kind === 'classic' ? (token.scopes ?? []) : [],
          permissions: token.permissions ?? {},
          resourceOwner: resourceOwner.id,
          repositories: token.repositories?.map(name => repositoryOf(resourceOwner, name).id),
          sso: (token.sso ?? []).map(login => account(login, 'organization').id),
          expiresAt: token.expiresAt?.toISOString(),
        },
        clock.now(),
      )
      return text
    },
    createGitLabToken(token) {
      const owner = token.user === undefined ? makeBot(token) : account(token.user, 'user')
      const fields = {
        account: owner.id,
        kind: 'classic',
        api: 'gitlab',
        name: 'sandbox',
        scopes: token.scopes,
        permissions: {},
        resourceOwner: owner.id,
        repositories: undefined,
        sso: [],
        expiresAt: token.expiresAt?.toISOString(),
      } as const
      return insertToken(store, fields, clock.now()).text
    },
    revokeToken: token => revokeToken(store, token.reveal(), clock.now()),
    async createRepository({ owner, name, private: isPrivate = true, description, defaultBranch = 'main' }) {
      if (!isRepositoryName(name))
        throw new SluiceError('E_FORGE_NAME_INVALID', { object: `repository ${JSON.stringify(name)}` })
      const found = account(owner)
      const made = await insertRepository(
        store,
        context.dataDir,
        { owner: found.id, name, description: description ?? null, private: isPrivate, defaultBranch },
        clock.now(),
      )
      return made ?? repositoryOf(found, name)
    },
  }
}
