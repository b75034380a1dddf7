import { accountLevel } from '../access.ts'
import { deleteProtection, judgePush, type ProtectionRules, protectionOf, putProtection } from '../protection.ts'
import { zeroId } from '../push-commands.ts'
import type { StoredRepository } from '../repositories.ts'
import { repositoryFolder } from '../repositories.ts'
import { flagField, RestFailure, type RestRequest, type Route, textField } from '../rest/answer.ts'
import { listRefs } from '../stored-refs.ts'
import { type KnownCaller, needProject, needScope } from './guard.ts'
import { paged } from './paged.ts'
import { stamp } from './views.ts'

const path = '/projects/:id/protected_branches'

/** Branches and what protects them. Levels: 0 nobody, 30 developers, 40 maintainers. */
export const branchRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/projects/:id/repository/branches/:branch',
    handle: async request => {
      const caller = needScope(request, 'api', 'read_api')
      const { repository, owner } = needProject(request, caller, 'read')
      const branch = request.params['branch']!
      const git = request.context.opened.get(repository)
      const id = await git.resolve(`refs/heads/${branch}`)
      const commit = id === undefined ? undefined : await git.commit(id)
      if (id === undefined || !commit) throw new RestFailure(404, '404 Branch Not Found')
      const rules = protectionOf(request.context.store, repository, branch)
      return {
        body: {
          name: branch,
          commit: {
            id,
            short_id: id.slice(0, 8),
            created_at: stamp(commit.date),
            parent_ids: commit.parents,
            title: commit.subject,
            message: commit.body === '' ? commit.subject : `${commit.subject}\n\n${commit.body}`,
            author_name: commit.author.name,
            author_email: commit.author.email,
            authored_date: stamp(commit.date),
            committer_name: commit.author.name,
            committer_email: commit.author.email,
            committed_date: stamp(commit.date),
            trailers: {},
            web_url: `${request.context.url}/${owner.login}/${repository.name}/-/commit/${id}`,
          },
          merged: false,
          protected: rules !== undefined,
          developers_can_push: rules !== undefined && pushLevel(rules) === 30,
          developers_can_merge: rules !== undefined,
          can_push: canPush(request, caller, repository, branch),
          default: branch === repository.defaultBranch,
          web_url: `${request.context.url}/${owner.login}/${repository.name}/-/tree/${branch}`,
        },
      }
    },
  },
  {
    method: 'GET',
    path,
    handle: async request => {
      const caller = needScope(request, 'api', 'read_api')
      const { repository } = needProject(request, caller, 'write')
      const rows = request.context.store
        .prepare('SELECT branch FROM protections WHERE repository = ? ORDER BY branch')
        .all(repository.id) as { branch: string }[]
      return paged(
        request,
        rows.map(({ branch }) => view(branch, protectionOf(request.context.store, repository, branch)!)),
      )
    },
  },
  {
    method: 'POST',
    path,
    handle: async request => {
      const caller = needScope(request, 'api')
      const { repository } = needProject(request, caller, 'admin')
      const name = textField(request.body, 'name')
      if (name === undefined) throw new RestFailure(400, 'name is missing')
      if (name.includes('*')) throw new RestFailure(422, 'The sandbox forge protects single branches only.')
      if (protectionOf(request.context.store, repository, name))
        throw new RestFailure(409, `Protected branch '${name}' already exists`)
      const level = request.body['push_access_level'] ?? 40
      const rules = rulesFor(Number(level), flagField(request.body, 'allow_force_push') ?? false)
      putProtection(request.context.store, repository, name, rules)
      return { status: 201, body: view(name, rules) }
    },
  },
  {
    method: 'DELETE',
    path: `${path}/:branch`,
    handle: request => {
      const caller = needScope(request, 'api')
      const { repository } = needProject(request, caller, 'admin')
      if (!deleteProtection(request.context.store, repository, request.params['branch']!))
        throw new RestFailure(404, '404 Not found')
      return { status: 204 }
    },
  },
  {
    method: 'GET',
    path: '/projects/:id/repository/branches',
    handle: async request => {
      const caller = needScope(request, 'api', 'read_api')
      const { repository } = needProject(request, caller, 'read')
      const refs = await listRefs(repositoryFolder(request.context.dataDir, repository), 'refs/heads/')
      return paged(
        request,
        refs.map(({ name, id }) => ({ name: name.slice('refs/heads/'.length), commit: { id } })),
      )
    },
  },
]

function canPush(request: RestRequest, caller: KnownCaller, repository: StoredRepository, branch: string): boolean {
  const level = accountLevel(request.context.store, caller, repository)
  if (level !== 'write' && level !== 'admin') return false
  const command = { ref: `refs/heads/${branch}`, before: zeroId, after: '1'.repeat(40) }
  return judgePush(request.context.store, repository, caller, level === 'admin', [command]).refused.size === 0
}

/** The level that may push under rules that may come from the other API. */
function pushLevel(rules: ProtectionRules): 0 | 30 | 40 {
  const restricts = rules.requiredPullRequestReviews || rules.restrictions || rules.requiredStatusChecks
  if (rules.lockBranch || (restricts && rules.enforceAdmins)) return 0
  return restricts ? 40 : 30
}

function rulesFor(level: number, allowForcePushes: boolean): ProtectionRules {
  return {
    requiredPullRequestReviews: level === 30 ? null : { requiredApprovingReviewCount: 0 },
    requiredStatusChecks: null,
    enforceAdmins: level === 0,
    restrictions: null,
    requiredSignatures: false,
    requiredLinearHistory: false,
    allowForcePushes,
    allowDeletions: false,
    lockBranch: false,
  }
}

function view(name: string, rules: ProtectionRules): Record<string, unknown> {
  const words = { 0: 'No one', 30: 'Developers + Maintainers', 40: 'Maintainers' }
  const level = pushLevel(rules)
  const access = (value: 0 | 30 | 40) => [
    { id: 1, access_level: value, access_level_description: words[value], user_id: null, group_id: null },
  ]
  return {
    id: 1,
    name,
    push_access_levels: access(level),
    merge_access_levels: access(40),
    allow_force_push: rules.allowForcePushes,
    unprotect_access_levels: [],
    code_owner_approval_required: false,
  }
}
