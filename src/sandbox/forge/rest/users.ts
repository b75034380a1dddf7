import { canSee } from '../access.ts'
import { accountByLogin, membershipOf } from '../accounts.ts'
import { repositoriesOf } from '../repositories.ts'
import { noPermission, notFound, paged, type RestAnswer, RestFailure, type RestRequest, type Route } from './answer.ts'
import { createFor } from './create-repository.ts'
import { type KnownCaller, needLogin, needOrganization } from './guard.ts'
import { organizationView } from './organizations.ts'
import { countRepositories, fullAccount, repositoryView, simpleAccount } from './views.ts'

/** Users, and what belongs to the one who asks. */
export const userRoutes: readonly Route[] = [
  { method: 'GET', path: '/user', handle: showSelf },
  {
    method: 'GET',
    path: '/users/:user',
    handle: ({ context, params }) => {
      const found = accountByLogin(context.store, params['user']!)
      if (!found) throw notFound()
      return { body: fullAccount(context, found) }
    },
  },
  { method: 'GET', path: '/user/repos', permissions: 'metadata=read', handle: listOwn },
  {
    method: 'GET',
    path: '/users/:user/repos',
    handle: request => {
      const { context, caller, params } = request
      const found = accountByLogin(context.store, params['user']!)
      if (!found) throw notFound()
      const shown = repositoriesOf(context.store, found.id).filter(repository => !repository.private)
      return paged(
        request,
        shown.map(repository => repositoryView(context, caller, repository)),
      )
    },
  },
  {
    method: 'POST',
    path: '/user/repos',
    scopes: 'public_repo, repo',
    permissions: 'administration=write',
    handle: request => createFor(request, needLogin(request).user),
  },
  {
    method: 'GET',
    path: '/user/memberships/orgs/:org',
    scopes: 'admin:org, read:org, user, write:org',
    permissions: 'members=read',
    handle: showMembership,
  },
]

function showSelf(request: RestRequest): RestAnswer {
  const { user } = needLogin(request)
  const { context } = request
  return {
    body: {
      ...fullAccount(context, user),
      private_gists: 0,
      total_private_repos: countRepositories(context, user, true),
      owned_private_repos: countRepositories(context, user, true),
      disk_usage: 0,
      collaborators: 0,
      two_factor_authentication: true,
    },
  }
}

function listOwn(request: RestRequest): RestAnswer {
  const { context } = request
  const caller = needLogin(request)
  const owners = context.store
    .prepare("SELECT organization AS id FROM members WHERE account = ? AND state = 'active' UNION SELECT ? AS id")
    .all(caller.user.id, caller.user.id)
  const found = owners.flatMap(row => repositoriesOf(context.store, (row as { id: number }).id))
  const shown = found.filter(repository => canSee(context.store, caller, repository))
  return paged(
    request,
    shown.map(repository => repositoryView(context, caller, repository)),
  )
}

function showMembership(request: RestRequest): RestAnswer {
  const { context } = request
  const caller = needLogin(request)
  const organization = needOrganization(request)
  if (!mayReadMembers(caller, organization.id)) {
    if (caller.token.kind === 'fine-grained') throw noPermission()
    throw new RestFailure(403, 'You need at least read:org scope or user scope to get your organization membership.')
  }
  const membership = membershipOf(context.store, organization.id, caller.user.id)
  if (!membership) throw notFound()
  return {
    body: {
      url: `${context.url}/api/v3/orgs/${organization.login}/memberships/${caller.user.login}`,
      state: membership.state,
      role: membership.role,
      organization_url: `${context.url}/api/v3/orgs/${organization.login}`,
      organization: organizationView(context, organization),
      user: simpleAccount(context, caller.user),
      permissions: { can_create_repository: membership.role === 'admin' || organization.membersCanCreateRepositories },
    },
  }
}

function mayReadMembers(caller: KnownCaller, organization: number): boolean {
  const { token } = caller
  if (token.kind === 'fine-grained')
    return token.resourceOwner === organization && token.permissions['members'] !== undefined
  return ['admin:org', 'write:org', 'read:org', 'user'].some(scope => token.scopes.includes(scope))
}
