import { canSee } from '../access.ts'
import { type Account, membershipOf } from '../accounts.ts'
import type { ForgeContext } from '../context.ts'
import { repositoriesOf } from '../repositories.ts'
import { paged, RestFailure, type RestRequest, type Route } from './answer.ts'
import { createFor } from './create-repository.ts'
import { needLogin, needOrganization } from './guard.ts'
import { countRepositories, nodeId, repositoryView, stamp } from './views.ts'

/** Organizations. */
export const organizationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/orgs/:org',
    scopes: 'admin:org, read:org, repo, user, write:org',
    handle: request => {
      const organization = needOrganization(request)
      return { body: { ...fullOrganization(request.context, organization), ...memberPart(request, organization) } }
    },
  },
  {
    method: 'GET',
    path: '/orgs/:org/repos',
    permissions: 'metadata=read',
    handle: request => {
      const { context, caller } = request
      const organization = needOrganization(request)
      const shown = repositoriesOf(context.store, organization.id).filter(found => canSee(context.store, caller, found))
      return paged(
        request,
        shown.map(repository => repositoryView(context, caller, repository)),
      )
    },
  },
  {
    method: 'POST',
    path: '/orgs/:org/repos',
    scopes: 'public_repo, repo',
    permissions: 'administration=write',
    handle: request => {
      const { user } = needLogin(request)
      const organization = needOrganization(request)
      const membership = membershipOf(request.context.store, organization.id, user.id)
      const may =
        membership?.state === 'active' && (membership.role === 'admin' || organization.membersCanCreateRepositories)
      if (!may)
        throw new RestFailure(403, 'You need admin access to the organization before adding a repository to it.')
      return createFor(request, organization)
    },
  },
]

/** An organization as part of something else (`organization-simple`). */
export function organizationView(context: ForgeContext, organization: Account): Record<string, unknown> {
  const api = `${context.url}/api/v3/orgs/${organization.login}`
  return {
    login: organization.login,
    id: organization.id,
    node_id: nodeId('Organization', organization.id),
    url: api,
    repos_url: `${api}/repos`,
    events_url: `${api}/events`,
    hooks_url: `${api}/hooks`,
    issues_url: `${api}/issues`,
    members_url: `${api}/members{/member}`,
    public_members_url: `${api}/public_members{/member}`,
    avatar_url: `${context.url}/avatars/${organization.id}`,
    description: null,
  }
}

function fullOrganization(context: ForgeContext, organization: Account): Record<string, unknown> {
  return {
    ...organizationView(context, organization),
    name: organization.name ?? organization.login,
    ...(organization.email !== null && { email: organization.email }),
    html_url: `${context.url}/${organization.login}`,
    has_organization_projects: false,
    has_repository_projects: false,
    public_repos: countRepositories(context, organization, false),
    public_gists: 0,
    followers: 0,
    following: 0,
    type: 'Organization',
    created_at: stamp(organization.createdAt),
    updated_at: stamp(organization.createdAt),
    archived_at: null,
  }
}

/** What only members see. */
function memberPart(request: RestRequest, organization: Account): Record<string, unknown> {
  const { caller, context } = request
  if (caller.kind !== 'known') return {}
  const membership = membershipOf(context.store, organization.id, caller.user.id)
  const { token } = caller
  const sees =
    token.kind === 'fine-grained'
      ? token.resourceOwner === organization.id
      : token.scopes.some(scope => /^(?:repo|user|(?:admin|write|read):org)$/.test(scope))
  if (membership?.state !== 'active' || !sees) return {}
  const may = organization.membersCanCreateRepositories
  return {
    total_private_repos: countRepositories(context, organization, true),
    default_repository_permission: organization.defaultRepositoryPermission,
    members_can_create_repositories: may,
    members_can_create_public_repositories: may,
    members_can_create_private_repositories: may,
    members_can_create_internal_repositories: may,
    two_factor_requirement_enabled: false,
  }
}
