import { SluiceError } from '../../base/errors/index.ts'
import { type Store, transaction } from './store.ts'

/** A user or an organization. */
export interface Account {
  readonly id: number
  readonly login: string
  readonly kind: 'user' | 'organization'
  readonly name: string | null
  readonly email: string | null
  /** Organizations: whether members that are not owners may make repositories. */
  readonly membersCanCreateRepositories: boolean
  /** Organizations: what every member may do with every repository. */
  readonly defaultRepositoryPermission: 'none' | 'read' | 'write' | 'admin'
  /** Organizations: whether classic tokens must be authorized for single sign-on. */
  readonly requiresSso: boolean
  readonly createdAt: string
}

/** What somebody is in an organization. */
export interface Membership {
  readonly role: 'admin' | 'member'
  readonly state: 'active' | 'pending'
}

/** Settings of a new account. */
export interface NewAccount {
  readonly login: string
  readonly name?: string
  readonly email?: string
  /** Organizations only; true when absent. */
  readonly membersCanCreateRepositories?: boolean
  /** Organizations only; `read` when absent. */
  readonly defaultRepositoryPermission?: Account['defaultRepositoryPermission']
  /** Organizations only; false when absent. */
  readonly requiresSso?: boolean
}

interface AccountRow {
  readonly id: number
  readonly login: string
  readonly kind: Account['kind']
  readonly name: string | null
  readonly email: string | null
  readonly members_can_create_repositories: number
  readonly default_repository_permission: Account['defaultRepositoryPermission']
  readonly requires_sso: number
  readonly created_at: string
}

/** GitHub's rule for logins: letters, digits and single hyphens inside, at most 39 characters. */
const loginPattern = /^[a-z\d](?:[a-z\d]|-(?=[a-z\d])){0,38}$/i

/** GitLab's groups have paths; the bots of its project and group tokens have names that it makes. */
const groupPattern = /^[a-z\d](?:[a-z\d]|[-_.](?=[a-z\d])){0,99}(?:\/[a-z\d](?:[a-z\d]|[-_.](?=[a-z\d])){0,99}){0,19}$/i
const botPattern = /^(?:project|group)_\d+_bot_[\da-f]+$/

/** Whether an account is the bot of a project or group token. */
export function isBot(account: Account): boolean {
  return botPattern.test(account.login)
}

/** Logins that would shadow paths of the server. */
const reserved = new Set(['api', 'login', 'settings', 'orgs', 'users', 'admin'])

/** Makes an account, or updates the settings of the one with this login and kind. Fails with E_FORGE_NAME_INVALID. */
export function putAccount(store: Store, kind: Account['kind'], account: NewAccount, now: Date): Account {
  const { login } = account
  const isName = loginPattern.test(login) || (kind === 'organization' ? groupPattern : botPattern).test(login)
  if (!isName || reserved.has(login.toLowerCase())) {
    throw new SluiceError('E_FORGE_NAME_INVALID', {
      object: `account ${JSON.stringify(login)}`,
      expected: 'letters, digits and single hyphens, at most 39',
    })
  }
  return transaction(store, () => {
    const found = accountByLogin(store, login)
    if (found && found.kind !== kind) {
      throw new SluiceError('E_FORGE_NAME_INVALID', {
        object: `account ${login}`,
        expected: `no ${found.kind} of this name`,
      })
    }
    const values = {
      name: account.name ?? found?.name ?? null,
      email: account.email ?? found?.email ?? null,
      create: Number(account.membersCanCreateRepositories ?? found?.membersCanCreateRepositories ?? true),
      base: account.defaultRepositoryPermission ?? found?.defaultRepositoryPermission ?? 'read',
      sso: Number(account.requiresSso ?? found?.requiresSso ?? false),
    }
    if (found) {
      store
        .prepare(
          'UPDATE accounts SET name = ?, email = ?, members_can_create_repositories = ?, default_repository_permission = ?, requires_sso = ? WHERE id = ?',
        )
        .run(values.name, values.email, values.create, values.base, values.sso, found.id)
    } else {
      store
        .prepare(
          'INSERT INTO accounts (login, kind, name, email, members_can_create_repositories, default_repository_permission, requires_sso, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        )
        .run(login, kind, values.name, values.email, values.create, values.base, values.sso, now.toISOString())
    }
    return accountByLogin(store, login)!
  })
}

/** An account by its login, whatever the case. */
export function accountByLogin(store: Store, login: string): Account | undefined {
  return fromRow(store.prepare('SELECT * FROM accounts WHERE login = ?').get(login))
}

/** An account by its id. */
export function accountById(store: Store, id: number): Account | undefined {
  return fromRow(store.prepare('SELECT * FROM accounts WHERE id = ?').get(id))
}

/** Puts a user into an organization, or changes what they are in it. */
export function putMember(store: Store, organization: Account, user: Account, membership: Membership): void {
  store
    .prepare(
      'INSERT INTO members (organization, account, role, state) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role, state = excluded.state',
    )
    .run(organization.id, user.id, membership.role, membership.state)
}

/** Takes a user out of an organization. */
export function removeMember(store: Store, organization: Account, user: Account): void {
  store.prepare('DELETE FROM members WHERE organization = ? AND account = ?').run(organization.id, user.id)
}

/** What a user is in an organization; undefined for nothing. Members of a group are members of the groups in it. */
export function membershipOf(store: Store, organization: number, user: number): Membership | undefined {
  const own = store
    .prepare('SELECT role, state FROM members WHERE organization = ? AND account = ?')
    .get(organization, user) as Membership | undefined
  const parent = parentOf(store, organization)
  const inherited = parent && membershipOf(store, parent.id, user)
  if (!own || !inherited) return own ?? inherited
  return inherited.state === 'active' && inherited.role === 'admin' ? inherited : own
}

/** The group that a group is in. */
export function parentOf(store: Store, group: number): Account | undefined {
  const path = accountById(store, group)?.login ?? ''
  return path.includes('/') ? accountByLogin(store, path.slice(0, path.lastIndexOf('/'))) : undefined
}

function fromRow(row: unknown): Account | undefined {
  if (row === undefined) return undefined
  const found = row as AccountRow
  return {
    id: found.id,
    login: found.login,
    kind: found.kind,
    name: found.name,
    email: found.email,
    membersCanCreateRepositories: found.members_can_create_repositories === 1,
    defaultRepositoryPermission: found.default_repository_permission,
    requiresSso: found.requires_sso === 1,
    createdAt: found.created_at,
  }
}
