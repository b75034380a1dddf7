import { accountById, membershipOf } from './accounts.ts'
import type { Caller } from './caller.ts'
import type { StoredRepository } from './repositories.ts'
import type { Store } from './store.ts'
import type { Permissions, Token } from './tokens.ts'

/** How far somebody may go with a repository; each includes the ones before. */
export type Level = 'none' | 'read' | 'write' | 'admin'

const order: readonly Level[] = ['none', 'read', 'write', 'admin']

/** Whether a level reaches another. */
export function reaches(level: Level, wanted: Level): boolean {
  return order.indexOf(level) >= order.indexOf(wanted)
}

/** What the caller's account may do with a repository, whatever the token says. */
export function accountLevel(store: Store, caller: Caller, repository: StoredRepository): Level {
  const open: Level = repository.private ? 'none' : 'read'
  if (caller.kind !== 'known') return open
  if (repository.owner === caller.user.id) return 'admin'
  const levels: Level[] = [open]
  const membership = membershipOf(store, repository.owner, caller.user.id)
  if (membership?.state === 'active') {
    if (membership.role === 'admin') return 'admin'
    levels.push(accountById(store, repository.owner)!.defaultRepositoryPermission)
  }
  const invited = store
    .prepare('SELECT permission FROM collaborators WHERE repository = ? AND account = ?')
    .get(repository.id, caller.user.id) as { permission: Level } | undefined
  if (invited) levels.push(invited.permission)
  return levels.reduce((best, level) => (reaches(level, best) ? level : best))
}

/** Whether the token covers a repository at all: its scope or its list of repositories. Public ones are always readable. */
export function tokenCovers(token: Token, repository: StoredRepository): boolean {
  if (token.api === 'gitlab')
    return token.scopes.some(scope => /^(?:api|read_api|(?:read|write)_repository)$/.test(scope))
  if (token.kind === 'classic') {
    return token.scopes.includes('repo') || (!repository.private && token.scopes.includes('public_repo'))
  }
  if (token.resourceOwner !== repository.owner) return false
  return token.repositories === undefined || token.repositories.includes(repository.id)
}

/** Whether the caller can see that a repository is there. */
export function canSee(store: Store, caller: Caller, repository: StoredRepository): boolean {
  if (!repository.private) return true
  if (caller.kind !== 'known' || !reaches(accountLevel(store, caller, repository), 'read')) return false
  return tokenCovers(caller.token, repository)
}

/** Why a request on a repository is refused. */
export type Refusal =
  /** The repository is not there for this caller. */
  | { readonly kind: 'hidden' }
  /** Nobody is logged in. */
  | { readonly kind: 'anonymous' }
  /** The account has too few rights. */
  | { readonly kind: 'rights'; readonly wanted: Level }
  /** The token lacks a scope or permission. */
  | { readonly kind: 'token'; readonly token: Token }
  /** The organization wants the token authorized for single sign-on. */
  | { readonly kind: 'sso'; readonly organization: string }

/** A right on a repository: what the account must be, and what a fine-grained token must carry. */
export interface Right {
  readonly level: Exclude<Level, 'none'>
  readonly permission: keyof Permissions & string
  readonly access: 'read' | 'write'
  /** The scope that a classic token needs beside `repo`. */
  readonly scope?: string
}

/** Why the caller may not do something with a repository; undefined when they may. */
export function refusal(store: Store, caller: Caller, repository: StoredRepository, right: Right): Refusal | undefined {
  if (!canSee(store, caller, repository)) return { kind: 'hidden' }
  const openRead = !repository.private && right.level === 'read'
  if (caller.kind !== 'known') return openRead ? undefined : { kind: 'anonymous' }
  const { token } = caller
  const owner = accountById(store, repository.owner)!
  if (owner.requiresSso && token.kind === 'classic' && !token.sso.includes(owner.id) && !openRead) {
    return { kind: 'sso', organization: owner.login }
  }
  if (!reaches(accountLevel(store, caller, repository), right.level)) return { kind: 'rights', wanted: right.level }
  if (openRead) return undefined
  if (!tokenCovers(token, repository)) return { kind: 'token', token }
  if (token.api === 'gitlab') {
    const wanted =
      right.access === 'write' ? ['api', 'write_repository'] : ['api', 'read_repository', 'write_repository']
    return token.scopes.some(scope => wanted.includes(scope)) ? undefined : { kind: 'token', token }
  }
  if (token.kind === 'classic') {
    return right.scope === undefined || token.scopes.includes(right.scope) ? undefined : { kind: 'token', token }
  }
  return hasPermission(token.permissions, right.permission, right.access) ? undefined : { kind: 'token', token }
}

/** Whether a set of permissions holds one at a level; every token may read metadata. */
export function hasPermission(permissions: Permissions, name: string, access: 'read' | 'write'): boolean {
  if (name === 'metadata' && access === 'read') return true
  const held = permissions[name]
  return held !== undefined && (access === 'read' || held !== 'read')
}
