import type { Right } from '../access.ts'
import {
  deleteRepository,
  isRepositoryName,
  type RepositoryUpdate,
  repositoryByName,
  repositoryFolder,
  setHead,
  updateRepository,
} from '../repositories.ts'
import { flagField, invalid, type RestAnswer, RestFailure, type RestRequest, type Route, textField } from './answer.ts'
import { needRepository } from './guard.ts'
import { repositoryView } from './views.ts'

const readMetadata: Right = { level: 'read', permission: 'metadata', access: 'read' }
const administer: Right = { level: 'admin', permission: 'administration', access: 'write' }

/** One repository. */
export const repositoryRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo',
    scopes: 'repo',
    permissions: 'metadata=read',
    handle: request => {
      const { repository } = needRepository(request, readMetadata)
      return { body: repositoryView(request.context, request.caller, repository) }
    },
  },
  { method: 'PATCH', path: '/repos/:owner/:repo', scopes: 'repo', permissions: 'administration=write', handle: change },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo',
    scopes: 'delete_repo',
    permissions: 'administration=write',
    handle: async request => {
      const { repository } = needRepository(request, { ...administer, scope: 'delete_repo' })
      request.context.opened.drop(repository)
      await deleteRepository(request.context.store, request.context.dataDir, repository)
      return { status: 204 }
    },
  },
]

async function change(request: RestRequest): Promise<RestAnswer> {
  const { context, body, caller } = request
  const { owner, repository } = needRepository(request, administer)
  const visibility = textField(body, 'visibility')
  const name = textField(body, 'name')
  const archived = flagField(body, 'archived')
  const branch = textField(body, 'default_branch')
  const isPrivate = flagField(body, 'private') ?? (visibility === undefined ? undefined : visibility !== 'public')
  const description = textField(body, 'description')
  if (repository.archived && archived !== false) throw new RestFailure(403, 'Repository was archived so is read-only.')
  if (name !== undefined && name.toLowerCase() !== repository.name.toLowerCase()) {
    if (!isRepositoryName(name))
      throw invalid({ resource: 'Repository', field: 'name', code: 'custom', message: 'name is invalid' })
    if (repositoryByName(context.store, owner.id, name)) {
      throw invalid({
        resource: 'Repository',
        field: 'name',
        code: 'custom',
        message: 'name already exists on this account',
      })
    }
  }
  if (branch !== undefined) {
    if ((await context.opened.get(repository).resolve(`refs/heads/${branch}`)) === undefined) {
      throw invalid({
        resource: 'Repository',
        field: 'default_branch',
        code: 'invalid',
        message: `The branch ${branch} was not found. Please push that ref first or create it via the Git Data API.`,
      })
    }
    await setHead(repositoryFolder(context.dataDir, repository), branch)
  }
  const update: RepositoryUpdate = {
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(isPrivate !== undefined && { private: isPrivate }),
    ...(archived !== undefined && { archived }),
    ...(branch !== undefined && { defaultBranch: branch }),
  }
  const changed = updateRepository(context.store, repository.id, update, context.clock.now())
  return { body: repositoryView(context, caller, changed) }
}
