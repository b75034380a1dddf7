import { isObject } from '../../../base/json.ts'
import type { Right } from '../access.ts'
import { deleteProtection, type ProtectionRules, protectionOf, putProtection } from '../protection.ts'
import type { StoredRepository } from '../repositories.ts'
import {
  flagField,
  notFound,
  objectField,
  type RestAnswer,
  RestFailure,
  type RestRequest,
  type Route,
  textsField,
} from './answer.ts'
import { needRepository } from './guard.ts'

const path = '/repos/:owner/:repo/branches/:branch/protection'
const read: Right = { level: 'admin', permission: 'administration', access: 'read' }
const write: Right = { level: 'admin', permission: 'administration', access: 'write' }
const common = { scopes: 'repo', permissions: 'administration=read' }

/** Branch protection. A branch with `/` in its name is written with `%2F`. */
export const protectionRoutes: readonly Route[] = [
  { method: 'GET', path, ...common, handle: request => ({ body: view(request, needRules(request, read).rules) }) },
  { method: 'PUT', path, scopes: 'repo', permissions: 'administration=write', handle: put },
  {
    method: 'DELETE',
    path,
    ...common,
    handle: request => {
      const { repository } = needBranch(request, write)
      if (!deleteProtection(request.context.store, repository, request.params['branch']!))
        throw notFound('Branch not protected')
      return { status: 204 }
    },
  },
  {
    method: 'POST',
    path: `${path}/required_signatures`,
    ...common,
    handle: request => setSignatures(request, true),
  },
  {
    method: 'DELETE',
    path: `${path}/required_signatures`,
    ...common,
    handle: request => ({ ...setSignatures(request, false), status: 204, body: undefined }),
  },
]

function needBranch(request: RestRequest, right: Right): { repository: StoredRepository } {
  try {
    return needRepository(request, right)
  } catch (error) {
    // Who does not administer a repository does not hear about its protection.
    if (error instanceof RestFailure && error.message.startsWith('Must have admin')) throw notFound()
    throw error
  }
}

function needRules(request: RestRequest, right: Right): { repository: StoredRepository; rules: ProtectionRules } {
  const { repository } = needBranch(request, right)
  const rules = protectionOf(request.context.store, repository, request.params['branch']!)
  if (!rules) throw notFound('Branch not protected')
  return { repository, rules }
}

async function put(request: RestRequest): Promise<RestAnswer> {
  const { body, context } = request
  const { repository } = needBranch(request, write)
  const branch = request.params['branch']!
  if ((await context.opened.get(repository).resolve(`refs/heads/${branch}`)) === undefined)
    throw notFound('Branch not found')
  for (const field of ['required_status_checks', 'enforce_admins', 'required_pull_request_reviews', 'restrictions']) {
    if (body[field] === undefined) throw new RestFailure(422, `Invalid request.\n\n"${field}" wasn't supplied.`)
  }
  const reviews = objectField(body, 'required_pull_request_reviews')
  const checks = objectField(body, 'required_status_checks')
  const restrictions = objectField(body, 'restrictions')
  const count = reviews?.['required_approving_review_count']
  const rules: ProtectionRules = {
    requiredPullRequestReviews: reviews
      ? { requiredApprovingReviewCount: typeof count === 'number' ? count : 1 }
      : null,
    requiredStatusChecks: checks ? { strict: checks['strict'] === true, contexts: contextsOf(checks) } : null,
    enforceAdmins: flagField(body, 'enforce_admins') ?? false,
    restrictions: restrictions ? { users: textsField(restrictions, 'users') ?? [] } : null,
    requiredSignatures: protectionOf(context.store, repository, branch)?.requiredSignatures ?? false,
    requiredLinearHistory: flagField(body, 'required_linear_history') ?? false,
    allowForcePushes: flagField(body, 'allow_force_pushes') ?? false,
    allowDeletions: flagField(body, 'allow_deletions') ?? false,
    lockBranch: flagField(body, 'lock_branch') ?? false,
  }
  putProtection(context.store, repository, branch, rules)
  return { body: view(request, rules) }
}

function contextsOf(checks: Record<string, unknown>): string[] {
  const named = Array.isArray(checks['checks'])
    ? checks['checks'].filter(isObject).map(check => String(check['context']))
    : []
  return [...new Set([...(textsField(checks, 'contexts') ?? []), ...named])]
}

function setSignatures(request: RestRequest, requiredSignatures: boolean): RestAnswer {
  const { repository, rules } = needRules(request, write)
  putProtection(request.context.store, repository, request.params['branch']!, { ...rules, requiredSignatures })
  return { body: { url: `${selfOf(request)}/required_signatures`, enabled: requiredSignatures } }
}

function selfOf(request: RestRequest): string {
  const { owner, repo, branch } = request.params
  return `${request.context.url}/api/v3/repos/${owner}/${repo}/branches/${encodeURIComponent(branch!)}/protection`
}

function view(request: RestRequest, rules: ProtectionRules): Record<string, unknown> {
  const url = selfOf(request)
  const enabled = (value: boolean) => ({ enabled: value })
  return {
    url,
    ...(rules.requiredStatusChecks && {
      required_status_checks: {
        url: `${url}/required_status_checks`,
        strict: rules.requiredStatusChecks.strict,
        contexts: rules.requiredStatusChecks.contexts,
        contexts_url: `${url}/required_status_checks/contexts`,
        checks: rules.requiredStatusChecks.contexts.map(context => ({ context, app_id: null })),
      },
    }),
    ...(rules.requiredPullRequestReviews && {
      required_pull_request_reviews: {
        url: `${url}/required_pull_request_reviews`,
        dismiss_stale_reviews: false,
        require_code_owner_reviews: false,
        require_last_push_approval: false,
        required_approving_review_count: rules.requiredPullRequestReviews.requiredApprovingReviewCount,
      },
    }),
    ...(rules.restrictions && {
      restrictions: {
        url: `${url}/restrictions`,
        users: rules.restrictions.users.map(login => ({ login })),
        teams: [],
        apps: [],
      },
    }),
    required_signatures: { url: `${url}/required_signatures`, enabled: rules.requiredSignatures },
    enforce_admins: { url: `${url}/enforce_admins`, enabled: rules.enforceAdmins },
    required_linear_history: enabled(rules.requiredLinearHistory),
    allow_force_pushes: enabled(rules.allowForcePushes),
    allow_deletions: enabled(rules.allowDeletions),
    block_creations: enabled(false),
    required_conversation_resolution: enabled(false),
    lock_branch: enabled(rules.lockBranch),
    allow_fork_syncing: enabled(false),
  }
}
