import { protectionOf } from '../protection.ts'
import type { StoredRepository } from '../repositories.ts'
import { repositoryFolder } from '../repositories.ts'
import { listRefs } from '../stored-refs.ts'
import { notFound, paged, type RestRequest, type Route } from './answer.ts'
import { commitView } from './commits.ts'
import { needRepository } from './guard.ts'

const readContents = { level: 'read', permission: 'contents', access: 'read' } as const

/** Branches. */
export const branchRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/branches',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: async request => {
      const { repository } = needRepository(request, readContents)
      const refs = await listRefs(repositoryFolder(request.context.dataDir, repository), 'refs/heads/')
      const views = refs.map(({ name, id }) => shortView(request, repository, name.slice('refs/heads/'.length), id))
      return paged(request, views)
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/branches/*branch',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: async request => {
      const { repository } = needRepository(request, readContents)
      const branch = request.params['branch'] ?? ''
      const git = request.context.opened.get(repository)
      const id = await git.resolve(`refs/heads/${branch}`)
      if (id === undefined) throw notFound('Branch not found')
      const view = shortView(request, repository, branch, id)
      return {
        body: { ...view, commit: commitView(request, (await git.commit(id))!), _links: linksOf(request, branch) },
      }
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/rules/branches/*branch',
    scopes: 'repo',
    permissions: 'metadata=read',
    handle: request => {
      needRepository(request, { level: 'read', permission: 'metadata', access: 'read' })
      // Rulesets are another thing than branch protection, and this forge has none.
      return paged(request, [])
    },
  },
]

function shortView(
  request: RestRequest,
  repository: StoredRepository,
  branch: string,
  id: string,
): Record<string, unknown> {
  const rules = protectionOf(request.context.store, repository, branch)
  const checks = rules?.requiredStatusChecks
  const { self } = linksOf(request, branch)
  return {
    name: branch,
    commit: { sha: id, url: `${self.slice(0, self.indexOf('/branches/'))}/commits/${id}` },
    protected: rules !== undefined,
    protection: {
      enabled: rules !== undefined,
      required_status_checks: {
        enforcement_level: checks ? (rules.enforceAdmins ? 'everyone' : 'non_admins') : 'off',
        contexts: checks?.contexts ?? [],
        checks: (checks?.contexts ?? []).map(context => ({ context, app_id: null })),
      },
    },
    protection_url: `${self}/protection`,
  }
}

function linksOf(request: RestRequest, branch: string): { self: string; html: string } {
  const { owner, repo } = request.params
  const { url } = request.context
  return {
    self: `${url}/api/v3/repos/${owner}/${repo}/branches/${branch}`,
    html: `${url}/${owner}/${repo}/tree/${branch}`,
  }
}
