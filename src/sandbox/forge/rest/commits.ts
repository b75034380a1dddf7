import type { CommitWithTree, Repository } from '../../../git/index.ts'
import { notFound, paged, RestFailure, type RestRequest, type Route } from './answer.ts'
import { findCommit } from './find-commit.ts'
import { needRepository } from './guard.ts'
import { nodeId, stamp } from './views.ts'

const readContents = { level: 'read', permission: 'contents', access: 'read' } as const

/** History. */
export const commitRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/commits',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: async request => {
      const { repository } = needRepository(request, readContents)
      const git = request.context.opened.get(repository)
      const start = await findCommit(git, request.url.searchParams.get('sha') ?? repository.defaultBranch)
      if (start === undefined) {
        throw repository.pushedAt === null ? new RestFailure(409, 'Git Repository is empty.') : notFound()
      }
      const path = request.url.searchParams.get('path')
      const found = await git.log(start, { limit: 1000, ...(path !== null && { path }) })
      const full = await Promise.all(found.map(commit => git.commit(commit.sha)))
      return paged(
        request,
        full.map(commit => commitView(request, commit!)),
      )
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/commits/*ref',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: async request => {
      const { repository } = needRepository(request, readContents)
      const git = request.context.opened.get(repository)
      const name = request.params['ref'] ?? ''
      const id = await findCommit(git, name)
      if (id === undefined) throw new RestFailure(422, `No commit found for SHA: ${name}`)
      return { body: await withFiles(request, git, (await git.commit(id))!) }
    },
  },
]

/** A commit in lists. */
export function commitView(request: RestRequest, commit: CommitWithTree): Record<string, unknown> {
  const { owner, repo } = request.params
  const api = `${request.context.url}/api/v3/repos/${owner}/${repo}`
  const html = `${request.context.url}/${owner}/${repo}/commit/${commit.sha}`
  const person = { name: commit.author.name, email: commit.author.email, date: stamp(commit.date) }
  return {
    sha: commit.sha,
    node_id: nodeId('Commit', commit.sha),
    commit: {
      author: person,
      committer: person,
      message: commit.body === '' ? commit.subject : `${commit.subject}\n\n${commit.body}`,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url: `${api}/commits/${commit.sha}`,
    html_url: html,
    comments_url: `${api}/commits/${commit.sha}/comments`,
    author: null,
    committer: null,
    parents: commit.parents.map(sha => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: html.replace(commit.sha, sha),
    })),
  }
}

async function withFiles(
  request: RestRequest,
  git: Repository,
  commit: CommitWithTree,
): Promise<Record<string, unknown>> {
  const changes = await git.diff(commit.parents[0], commit.sha)
  const status = { added: 'added', removed: 'removed', changed: 'modified' } as const
  return {
    ...commitView(request, commit),
    stats: { total: 0, additions: 0, deletions: 0 },
    files: changes.slice(0, 300).map(change => ({
      sha: change.after ?? change.before,
      filename: change.path,
      status: status[change.kind],
      additions: 0,
      deletions: 0,
      changes: 0,
    })),
  }
}
