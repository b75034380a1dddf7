import type { GitTreeEntry } from '../../../git/objects.ts'
import type { StoredRepository } from '../repositories.ts'
import { notFound, type RestAnswer, type RestRequest, type Route } from './answer.ts'
import { findCommit } from './find-commit.ts'
import { needRepository } from './guard.ts'

/** Files of a repository. */
export const contentRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/contents/*path',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: show,
  },
]

async function show(request: RestRequest): Promise<RestAnswer> {
  const { context, params, url } = request
  const { owner, repository } = needRepository(request, { level: 'read', permission: 'contents', access: 'read' })
  const ref = url.searchParams.get('ref') ?? repository.defaultBranch
  const git = context.opened.get(repository)
  const commit = await findCommit(git, ref)
  if (commit === undefined) {
    throw notFound(url.searchParams.has('ref') ? `No commit found for the ref ${ref}` : 'This repository is empty.')
  }
  const path = (params['path'] ?? '').replace(/^\/+|\/+$/g, '')
  const entry = await git.entryAt(commit, path)
  if (!entry) throw notFound()
  const view = (found: GitTreeEntry, at: string, size: number) =>
    entryView(context.url, owner.login, repository, ref, found, at, size)
  if (entry.mode === '40000') {
    const entries = await git.treeEntries(entry.id)
    const prefix = path === '' ? '' : `${path}/`
    const shown = entries.map(async found => {
      const size = found.mode.startsWith('100') ? (await git.blob(found.id)).length : 0
      return view(found, prefix + found.name, size)
    })
    return { body: await Promise.all(shown) }
  }
  const bytes = entry.mode === '160000' ? Buffer.alloc(0) : await git.blob(entry.id)
  const isRaw = /\braw\b/.test(request.raw.headers.accept ?? '')
  const content = isRaw ? bytes.toString('utf8') : lines(bytes.toString('base64'))
  return { body: { ...view(entry, path, bytes.length), encoding: 'base64', content } }
}

function entryView(
  base: string,
  owner: string,
  repository: StoredRepository,
  ref: string,
  entry: GitTreeEntry,
  path: string,
  size: number,
): Record<string, unknown> {
  const api = `${base}/api/v3/repos/${owner}/${repository.name}`
  const self = `${api}/contents/${encodeURI(path)}?ref=${encodeURIComponent(ref)}`
  const git = `${api}/git/${entry.mode === '40000' ? 'trees' : 'blobs'}/${entry.id}`
  const html = `${base}/${owner}/${repository.name}/blob/${ref}/${encodeURI(path)}`
  return {
    name: entry.name,
    path,
    sha: entry.id,
    size,
    url: self,
    html_url: html,
    git_url: git,
    download_url: null,
    type:
      entry.mode === '40000'
        ? 'dir'
        : entry.mode === '120000'
          ? 'symlink'
          : entry.mode === '160000'
            ? 'submodule'
            : 'file',
    _links: { self, git, html },
  }
}

/** Base64 as GitHub breaks it: 60 characters a line. */
function lines(base64: string): string {
  return base64.replace(/.{60}/g, '$&\n').replace(/\n?$/, '\n')
}
