import { isObjectId, isRefName } from '../../../git/index.ts'
import type { Right } from '../access.ts'
import { accountLevel } from '../access.ts'
import { judgePush } from '../protection.ts'
import { zeroId } from '../push-commands.ts'
import { repositoryFolder, type StoredRepository, updateRepository } from '../repositories.ts'
import { listRefs, moveRef, type StoredRef } from '../stored-refs.ts'
import { notFound, RestFailure, type RestRequest, type Route, textField } from './answer.ts'
import { needLogin, needRepository } from './guard.ts'
import { nodeId } from './views.ts'

const read: Right = { level: 'read', permission: 'contents', access: 'read' }
const write: Right = { level: 'write', permission: 'contents', access: 'write' }

/** Refs (the Git Data API). */
export const refRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/git/ref/*ref',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: async request => {
      const { repository } = needRepository(request, read)
      const found = (await allRefs(request, repository)).find(ref => ref.name === `refs/${request.params['ref']}`)
      if (!found) throw notFound()
      return { body: view(request, found) }
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/git/matching-refs/*ref',
    scopes: 'repo',
    permissions: 'contents=read',
    handle: async request => {
      const { repository } = needRepository(request, read)
      const found = await allRefs(request, repository, `refs/${request.params['ref'] ?? ''}`)
      return { body: found.map(ref => view(request, ref)) }
    },
  },
  {
    method: 'POST',
    path: '/repos/:owner/:repo/git/refs',
    scopes: 'repo',
    permissions: 'contents=write',
    handle: async request => {
      const { repository, owner } = needRepository(request, write)
      const name = textField(request.body, 'ref') ?? ''
      const id = textField(request.body, 'sha') ?? ''
      if (!/^refs\/[^/]+\/./.test(name) || !isRefName(name))
        throw new RestFailure(422, `${name} is not a valid ref name.`)
      if (!isObjectId(id) || !(await request.context.opened.get(repository).commit(id)))
        throw new RestFailure(422, 'Object does not exist')
      await move(request, owner.login, repository, name, zeroId, id, 'Reference already exists')
      return { status: 201, body: view(request, { name, id, type: 'commit' }) }
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/git/refs/*ref',
    scopes: 'repo',
    permissions: 'contents=write',
    handle: async request => {
      const { repository, owner } = needRepository(request, write)
      const name = `refs/${request.params['ref']}`
      const found = (await allRefs(request, repository)).find(ref => ref.name === name)
      if (!found) throw new RestFailure(422, 'Reference does not exist')
      await move(request, owner.login, repository, name, found.id, zeroId, 'Reference does not exist')
      return { status: 204 }
    },
  },
]

function allRefs(request: RestRequest, repository: StoredRepository, prefix = 'refs/'): Promise<StoredRef[]> {
  return listRefs(repositoryFolder(request.context.dataDir, repository), prefix)
}

/** Moves a ref under the same rules as a push, and tells the listeners. */
async function move(
  request: RestRequest,
  owner: string,
  repository: StoredRepository,
  ref: string,
  before: string,
  after: string,
  conflict: string,
): Promise<void> {
  const { context, caller } = request
  const { user } = needLogin(request)
  const isAdmin = accountLevel(context.store, caller, repository) === 'admin'
  const verdict = judgePush(context.store, repository, caller, isAdmin, [{ ref, before, after }])
  if (verdict.refused.size > 0)
    throw new RestFailure(422, verdict.words.map(line => line.replace(/^error: /, '')).join(' '))
  if (!(await moveRef(repositoryFolder(context.dataDir, repository), ref, before, after)))
    throw new RestFailure(422, conflict)
  const now = context.clock.now()
  updateRepository(context.store, repository.id, { pushedAt: now.toISOString() }, now)
  context.announce({ owner, repo: repository.name, ref, before, after, pusher: user.login })
}

function view(request: RestRequest, ref: StoredRef): Record<string, unknown> {
  const { owner, repo } = request.params
  const api = `${request.context.url}/api/v3/repos/${owner}/${repo}/git`
  return {
    ref: ref.name,
    node_id: nodeId('Ref', ref.name),
    url: `${api}/${ref.name}`,
    object: { sha: ref.id, type: ref.type, url: `${api}/${ref.type}s/${ref.id}` },
  }
}
