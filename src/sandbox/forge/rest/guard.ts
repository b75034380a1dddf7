import { type Refusal, type Right, refusal } from '../access.ts'
import { type Account, accountByLogin, membershipOf } from '../accounts.ts'
import type { Caller } from '../caller.ts'
import { repositoryByName, type StoredRepository } from '../repositories.ts'
import { noPermission, notFound, RestFailure, type RestRequest } from './answer.ts'

/** A caller that is logged in. */
export type KnownCaller = Extract<Caller, { kind: 'known' }>

/** The caller, or 401. */
export function needLogin(request: RestRequest): KnownCaller {
  if (request.caller.kind === 'known') return request.caller
  throw new RestFailure(401, 'Requires authentication')
}

/** The repository that the path names, with its owner, when the caller has the right; else what GitHub answers. */
export function needRepository(request: RestRequest, right: Right): { owner: Account; repository: StoredRepository } {
  const { context, caller, params } = request
  const owner = accountByLogin(context.store, params['owner'] ?? '')
  const repository = owner && repositoryByName(context.store, owner.id, params['repo'] ?? '')
  if (!repository) throw notFound()
  const refused = refusal(context.store, caller, repository, right)
  if (refused) throw asFailure(request, refused, right)
  if (repository.archived && right.access === 'write' && right.permission !== 'administration') {
    throw new RestFailure(403, 'Repository was archived so is read-only.')
  }
  return { owner, repository }
}

function asFailure(request: RestRequest, refused: Refusal, right: Right): RestFailure {
  if (refused.kind === 'hidden') return notFound()
  if (refused.kind === 'anonymous') return new RestFailure(401, 'Requires authentication')
  if (refused.kind === 'sso') return ssoFailure(request, refused.organization)
  if (refused.kind === 'rights') {
    return right.level === 'admin' ? new RestFailure(403, 'Must have admin rights to Repository.') : notFound()
  }
  if (refused.token.kind === 'fine-grained') return noPermission()
  // A classic token without the scope: GitHub hides what it would write to, and says so for deletions.
  return right.scope === 'delete_repo' ? new RestFailure(403, 'Must have admin rights to Repository.') : notFound()
}

/** The organization that a path names, or 404; 403 when it wants the token authorized for single sign-on. */
export function needOrganization(request: RestRequest): Account {
  const found = accountByLogin(request.context.store, request.params['org'] ?? '')
  if (found?.kind !== 'organization') throw notFound()
  const { caller, context } = request
  if (caller.kind !== 'known' || caller.token.kind !== 'classic') return found
  const isMember = membershipOf(context.store, found.id, caller.user.id) !== undefined
  if (found.requiresSso && isMember && !caller.token.sso.includes(found.id)) throw ssoFailure(request, found.login)
  return found
}

function ssoFailure(request: RestRequest, organization: string): RestFailure {
  const link = `${request.context.url}/orgs/${organization}/sso?authorization_request=sandbox`
  return new RestFailure(
    403,
    'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
    { headers: { 'x-github-sso': `required; url=${link}` } },
  )
}
