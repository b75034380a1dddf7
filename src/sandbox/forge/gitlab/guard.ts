import { accountLevel, type Level, reaches } from '../access.ts'
import { type Account, accountById, accountByLogin, membershipOf } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import type { ForgeContext } from '../context.ts'
import { repositoryByName, type StoredRepository } from '../repositories.ts'
import { RestFailure, type RestRequest } from '../rest/answer.ts'

/** A caller that is logged in. */
export type KnownCaller = Extract<Caller, { kind: 'known' }>

/** The caller, or 401; 403 `insufficient_scope` when the token has none of the scopes. */
export function needScope(request: RestRequest, ...scopes: readonly string[]): KnownCaller {
  const { caller } = request
  if (caller.kind !== 'known') throw new RestFailure(401, '401 Unauthorized')
  if (!scopes.some(scope => caller.token.scopes.includes(scope))) throw new ScopeFailure(scopes)
  return caller
}

/** What GitLab answers to a token of too few scopes. */
export class ScopeFailure extends RestFailure {
  readonly scopes: readonly string[]

  constructor(scopes: readonly string[]) {
    super(403, 'The request requires higher privileges than provided by the access token.')
    this.scopes = scopes
  }
}

/** GitLab's access level for what an account may do with a repository. */
export function projectLevel(level: Level): number {
  return { none: 0, read: 20, write: 30, admin: 40 }[level]
}

/** GitLab's access level of a user in a group; 0 for none. */
export function groupLevel(context: ForgeContext, group: Account, user: number): number {
  const membership = membershipOf(context.store, group.id, user)
  if (membership?.state !== 'active') return 0
  if (membership.role === 'admin') return 50
  return { none: 10, read: 20, write: 30, admin: 40 }[group.defaultRepositoryPermission]
}

/** The group that a path or id names, when the caller is in it, or in a project of it; else 404. */
export function needGroup(request: RestRequest, caller: KnownCaller): Account {
  const { context, params } = request
  const name = params['id'] ?? ''
  const found = /^\d+$/.test(name) ? accountById(context.store, Number(name)) : accountByLogin(context.store, name)
  if (found?.kind !== 'organization') throw new RestFailure(404, '404 Group Not Found')
  if (groupLevel(context, found, caller.user.id) > 0) return found
  const invited = context.store
    .prepare('SELECT 1 FROM collaborators JOIN repositories ON id = repository WHERE owner = ? AND account = ?')
    .get(found.id, caller.user.id)
  if (invited === undefined) throw new RestFailure(404, '404 Group Not Found')
  return found
}

/** A project with its owner, and what the caller's account may do with it. */
export interface NeededProject {
  readonly owner: Account
  readonly repository: StoredRepository
  readonly level: Level
}

/** The project that a path or id names, when the caller's account reaches the level; else 404 or 403. */
export function needProject(request: RestRequest, caller: KnownCaller, wanted: Exclude<Level, 'none'>): NeededProject {
  const found = findProject(request.context, request.params['id'] ?? '')
  const level = found && accountLevel(request.context.store, caller, found.repository)
  if (!found || level === undefined || level === 'none') throw new RestFailure(404, '404 Project Not Found')
  if (!reaches(level, wanted)) throw new RestFailure(403, '403 Forbidden')
  return { ...found, level }
}

function findProject(
  context: ForgeContext,
  name: string,
): { owner: Account; repository: StoredRepository } | undefined {
  const { store } = context
  if (/^\d+$/.test(name)) {
    const row = store.prepare('SELECT owner, name FROM repositories WHERE id = ?').get(Number(name))
    if (row === undefined) return undefined
    const { owner, name: path } = row as { owner: number; name: string }
    return { owner: accountById(store, owner)!, repository: repositoryByName(store, owner, path)! }
  }
  const slash = name.lastIndexOf('/')
  const owner = slash < 0 ? undefined : accountByLogin(store, name.slice(0, slash))
  const repository = owner && repositoryByName(store, owner.id, name.slice(slash + 1))
  return owner && repository && { owner, repository }
}
