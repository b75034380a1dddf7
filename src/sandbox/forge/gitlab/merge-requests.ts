import { accountById } from '../accounts.ts'
import { mergePull } from '../merge-pull.ts'
import { insertPull, type Pull, pullsOf, updatePull } from '../pulls.ts'
import { flagField, RestFailure, type RestRequest, type Route, textField } from '../rest/answer.ts'
import { type NeededProject, needProject, needScope } from './guard.ts'
import { paged } from './paged.ts'
import { stamp, userView } from './views.ts'

const path = '/projects/:id/merge_requests'

/** Merge requests: the same as the other API's pull requests, in GitLab's form. */
export const mergeRequestRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    handle: async request => {
      const project = needProject(request, needScope(request, 'api', 'read_api'), 'read')
      const asked = (name: string) => request.url.searchParams.get(name)
      const state = asked('state') ?? 'all'
      const found = pullsOf(request.context.store, project.repository.id)
        .filter(pull => state === 'all' || stateOf(pull) === state)
        .filter(pull => [null, pull.head].includes(asked('source_branch')))
        .filter(pull => [null, pull.base].includes(asked('target_branch')))
      return paged(request, await Promise.all(found.map(pull => view(request, project, pull))))
    },
  },
  { method: 'POST', path, handle: open },
  {
    method: 'GET',
    path: `${path}/:iid`,
    handle: async request => {
      const project = needProject(request, needScope(request, 'api', 'read_api'), 'read')
      return { body: await view(request, project, needPull(request, project)) }
    },
  },
  {
    method: 'PUT',
    path: `${path}/:iid`,
    handle: async request => {
      const project = needProject(request, needScope(request, 'api'), 'write')
      const pull = needPull(request, project)
      const closes = textField(request.body, 'state_event') === 'close'
      const update = {
        title: textField(request.body, 'title') ?? pull.title,
        body: textField(request.body, 'description') ?? pull.body,
        state: closes ? ('closed' as const) : pull.state,
      }
      return {
        body: await view(
          request,
          project,
          updatePull(request.context.store, pull, update, request.context.clock.now()),
        ),
      }
    },
  },
  { method: 'PUT', path: `${path}/:iid/merge`, handle: merge },
]

async function open(request: RestRequest) {
  const { context, body } = request
  const caller = needScope(request, 'api')
  const project = needProject(request, caller, 'write')
  const git = context.opened.get(project.repository)
  const need = (field: string): string => {
    const value = textField(body, field)
    if (!value) throw new RestFailure(400, `${field} is missing`)
    return value
  }
  const [head, base, title] = [need('source_branch'), need('target_branch'), need('title')]
  const headCommit = await git.resolve(`refs/heads/${head}`)
  const made = insertPull(
    context.store,
    {
      repository: project.repository.id,
      title,
      body: textField(body, 'description') ?? null,
      head,
      base,
      account: caller.user.id,
      headCommit: headCommit ?? null,
    },
    context.clock.now(),
  )
  if (!made) {
    const other = pullsOf(context.store, project.repository.id).find(
      pull => pull.state === 'open' && pull.head === head && pull.base === base,
    )
    throw new RestFailure(409, `Another open merge request already exists for this source branch: !${other?.number}`)
  }
  return { status: 201, body: await view(request, project, made) }
}

async function merge(request: RestRequest) {
  const { context, body } = request
  const caller = needScope(request, 'api')
  const project = needProject(request, caller, 'write')
  const pull = needPull(request, project)
  const squash = flagField(body, 'squash') ?? false
  const merged = await mergePull(context, {
    ...project,
    user: caller.user,
    pull,
    method: squash ? 'squash' : 'merge',
    expected: textField(body, 'sha'),
    message: squash ? pull.title : `Merge branch '${pull.head}' into '${pull.base}'\n\n${pull.title}`,
  })
  if (merged === 'head moved') throw new RestFailure(409, 'SHA does not match HEAD of source branch')
  if (typeof merged === 'string') throw new RestFailure(405, '405 Method Not Allowed')
  return { body: await view(request, project, merged) }
}

function needPull(request: RestRequest, { repository }: NeededProject): Pull {
  const found = pullsOf(request.context.store, repository.id).find(
    pull => String(pull.number) === request.params['iid'],
  )
  if (!found) throw new RestFailure(404, '404 Not found')
  return found
}

function stateOf(pull: Pull): 'opened' | 'closed' | 'merged' {
  return pull.mergedAt !== null ? 'merged' : pull.state === 'open' ? 'opened' : 'closed'
}

async function view(
  { context }: RestRequest,
  { owner, repository }: NeededProject,
  pull: Pull,
): Promise<Record<string, unknown>> {
  const isClosed = pull.state === 'closed' && pull.mergedAt === null
  const full = `${owner.login}/${repository.name}`
  const tip = await context.opened.get(repository).resolve(`refs/heads/${pull.head}`)
  return {
    id: repository.id * 100_000 + pull.number,
    iid: pull.number,
    project_id: repository.id,
    title: pull.title,
    description: pull.body,
    state: stateOf(pull),
    created_at: stamp(pull.createdAt),
    updated_at: stamp(pull.updatedAt),
    merged_at: pull.mergedAt === null ? null : stamp(pull.mergedAt),
    closed_at: isClosed ? stamp(pull.updatedAt) : null,
    source_branch: pull.head,
    target_branch: pull.base,
    source_project_id: repository.id,
    target_project_id: repository.id,
    author: userView(context, accountById(context.store, pull.account)!),
    assignees: [],
    reviewers: [],
    labels: [],
    draft: false,
    sha: pull.state === 'open' ? (tip ?? pull.headCommit) : pull.headCommit,
    merge_commit_sha: pull.mergeCommit,
    squash_commit_sha: null,
    merge_status: 'can_be_merged',
    detailed_merge_status: pull.state === 'open' ? 'mergeable' : 'not_open',
    should_remove_source_branch: null,
    force_remove_source_branch: true,
    has_conflicts: false,
    squash: false,
    web_url: `${context.url}/${full}/-/merge_requests/${pull.number}`,
  }
}
