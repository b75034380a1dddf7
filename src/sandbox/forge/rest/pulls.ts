import { runGit } from '../../../git/index.ts'
import type { Right } from '../access.ts'
import { type Account, accountById } from '../accounts.ts'
import { mergePull } from '../merge-pull.ts'
import { insertPull, type Pull, pullsOf, updatePull } from '../pulls.ts'
import { repositoryFolder, type StoredRepository } from '../repositories.ts'
import {
  invalid,
  notFound,
  paged,
  type RestAnswer,
  RestFailure,
  type RestRequest,
  type Route,
  textField,
} from './answer.ts'
import { needLogin, needRepository } from './guard.ts'
import { nodeId, repositoryView, simpleAccount, stamp } from './views.ts'

const read: Right = { level: 'read', permission: 'pull_requests', access: 'read' }
const write: Right = { level: 'read', permission: 'pull_requests', access: 'write' }
const path = '/repos/:owner/:repo/pulls'

/** Pull requests between branches of one repository. */
export const pullRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    scopes: 'repo',
    permissions: 'pull_requests=read',
    handle: async request => {
      const { owner, repository } = needRepository(request, read)
      const state = request.url.searchParams.get('state') ?? 'open'
      const head = request.url.searchParams.get('head')?.replace(/^[^:]*:/, '')
      const base = request.url.searchParams.get('base')
      const found = pullsOf(request.context.store, repository.id).filter(
        pull =>
          (state === 'all' || pull.state === state) && (!head || pull.head === head) && (!base || pull.base === base),
      )
      return paged(request, await Promise.all(found.map(pull => view(request, owner, repository, pull))))
    },
  },
  { method: 'POST', path, scopes: 'repo', permissions: 'pull_requests=write', handle: open },
  {
    method: 'GET',
    path: `${path}/:number`,
    scopes: 'repo',
    permissions: 'pull_requests=read',
    handle: async request => {
      const { owner, repository } = needRepository(request, read)
      return { body: await fullView(request, owner, repository, needPull(request, repository)) }
    },
  },
  {
    method: 'PATCH',
    path: `${path}/:number`,
    scopes: 'repo',
    permissions: 'pull_requests=write',
    handle: async request => {
      const { owner, repository } = needRepository(request, { ...write, level: 'write' })
      const pull = needPull(request, repository)
      const title = textField(request.body, 'title') ?? pull.title
      const body = textField(request.body, 'body') ?? pull.body
      const state = textField(request.body, 'state') === 'closed' ? 'closed' : pull.state
      const changed = updatePull(request.context.store, pull, { title, body, state }, request.context.clock.now())
      return { body: await fullView(request, owner, repository, changed) }
    },
  },
  { method: 'PUT', path: `${path}/:number/merge`, scopes: 'repo', permissions: 'contents=write', handle: merge },
]

async function open(request: RestRequest): Promise<RestAnswer> {
  const { context, body } = request
  const { owner, repository } = needRepository(request, write)
  const { user } = needLogin(request)
  const git = context.opened.get(repository)
  const branchOf = async (field: 'head' | 'base'): Promise<{ name: string; commit: string }> => {
    const name = textField(body, field)?.replace(/^[^:]*:/, '')
    if (name === undefined) throw invalid({ resource: 'PullRequest', field, code: 'missing_field' })
    const commit = await git.resolve(`refs/heads/${name}`)
    if (commit === undefined) throw invalid({ resource: 'PullRequest', field, code: 'invalid' })
    return { name, commit }
  }
  const head = await branchOf('head')
  const base = await branchOf('base')
  const title = textField(body, 'title')
  if (!title) throw invalid({ resource: 'PullRequest', field: 'title', code: 'missing_field' })
  if (head.commit === base.commit) {
    throw invalid({
      resource: 'PullRequest',
      code: 'custom',
      message: `No commits between ${base.name} and ${head.name}`,
    })
  }
  const made = insertPull(
    context.store,
    {
      repository: repository.id,
      title,
      body: textField(body, 'body') ?? null,
      head: head.name,
      base: base.name,
      account: user.id,
      headCommit: head.commit,
    },
    context.clock.now(),
  )
  if (!made) {
    const message = `A pull request already exists for ${owner.login}:${head.name}.`
    throw invalid({ resource: 'PullRequest', code: 'custom', message })
  }
  return { status: 201, body: await fullView(request, owner, repository, made) }
}

async function merge(request: RestRequest): Promise<RestAnswer> {
  const { context, body } = request
  const { owner, repository } = needRepository(request, { level: 'write', permission: 'contents', access: 'write' })
  const { user } = needLogin(request)
  const pull = needPull(request, repository)
  const method = textField(body, 'merge_method') ?? 'merge'
  if (method !== 'merge' && method !== 'squash' && method !== 'rebase')
    throw invalid({ resource: 'PullRequest', field: 'merge_method', code: 'invalid' })
  const merged = await mergePull(context, {
    owner,
    repository,
    user,
    pull,
    method,
    expected: textField(body, 'sha'),
    message:
      method === 'squash'
        ? `${pull.title} (#${pull.number})`
        : `Merge pull request #${pull.number} from ${owner.login}/${pull.head}\n\n${pull.title}`,
  })
  if (merged === 'head moved') throw new RestFailure(409, 'Head branch was modified. Review and try the merge again.')
  if (merged === 'base moved') throw new RestFailure(405, 'Base branch was modified. Review and try the merge again.')
  if (typeof merged === 'string') throw new RestFailure(405, 'Pull Request is not mergeable')
  return { body: { sha: merged.mergeCommit, merged: true, message: 'Pull Request successfully merged' } }
}

function needPull(request: RestRequest, repository: StoredRepository): Pull {
  const found = pullsOf(request.context.store, repository.id).find(
    pull => String(pull.number) === request.params['number'],
  )
  if (!found) throw notFound()
  return found
}

async function view(
  request: RestRequest,
  owner: Account,
  repository: StoredRepository,
  pull: Pull,
): Promise<Record<string, unknown>> {
  const { context, caller } = request
  const api = `${context.url}/api/v3/repos/${owner.login}/${repository.name}`
  const html = `${context.url}/${owner.login}/${repository.name}/pull/${pull.number}`
  const url = `${api}/pulls/${pull.number}`
  const git = context.opened.get(repository)
  const side = async (branch: string, fallback: string | null) => ({
    label: `${owner.login}:${branch}`,
    ref: branch,
    sha: (await git.resolve(`refs/heads/${branch}`)) ?? fallback,
    user: simpleAccount(context, owner),
    repo: repositoryView(context, caller, repository),
  })
  return {
    url,
    id: repository.id * 100_000 + pull.number,
    node_id: nodeId('PullRequest', `${repository.id}/${pull.number}`),
    html_url: html,
    ...linksOf(api, html, pull),
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: simpleAccount(context, accountById(context.store, pull.account)!),
    body: pull.body,
    created_at: stamp(pull.createdAt),
    updated_at: stamp(pull.updatedAt),
    closed_at: pull.state === 'closed' ? stamp(pull.updatedAt) : null,
    merged_at: pull.mergedAt === null ? null : stamp(pull.mergedAt),
    merge_commit_sha: pull.mergeCommit,
    draft: false,
    head: await side(pull.head, pull.headCommit),
    base: await side(pull.base, null),
    assignee: null,
    labels: [],
    milestone: null,
    author_association: 'OWNER',
    auto_merge: null,
  }
}

function linksOf(api: string, html: string, { number, headCommit }: Pull): Record<string, unknown> {
  const issue = `${api}/issues/${number}`
  const paths = {
    issue,
    comments: `${issue}/comments`,
    review_comments: `${api}/pulls/${number}/comments`,
    review_comment: `${api}/pulls/comments{/number}`,
    commits: `${api}/pulls/${number}/commits`,
    statuses: `${api}/statuses/${headCommit ?? ''}`,
  }
  const links = { self: `${api}/pulls/${number}`, html, ...paths }
  return {
    ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [`${name}_url`, path])),
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
  }
}

/** What only the view of one pull request has: GitHub works `mergeable` out later, and says null until then. */
async function fullView(
  request: RestRequest,
  owner: Account,
  repository: StoredRepository,
  pull: Pull,
): Promise<Record<string, unknown>> {
  const gitDir = repositoryFolder(request.context.dataDir, repository)
  const range = `refs/heads/${pull.base}...${pull.headCommit ?? ''}`
  const isOpen = pull.state === 'open'
  const changed = isOpen ? await runGit(['diff', '--numstat', range, '--'], { gitDir }) : undefined
  const counted = isOpen
    ? await runGit(['rev-list', '--count', range.replace('...', '..'), '--'], { gitDir })
    : undefined
  const rows = (changed?.stdout.toString('utf8') ?? '').split('\n').filter(line => line !== '')
  const sum = (column: 0 | 1) => rows.reduce((total, row) => total + (Number(row.split('\t')[column]) || 0), 0)
  const merged = pull.mergedAt !== null
  return {
    ...(await view(request, owner, repository, pull)),
    merged,
    mergeable: null,
    mergeable_state: 'unknown',
    merged_by: merged ? simpleAccount(request.context, owner) : null,
    comments: 0,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: Number(counted?.stdout.toString('utf8') ?? 0),
    additions: sum(0),
    deletions: sum(1),
    changed_files: rows.length,
  }
}
