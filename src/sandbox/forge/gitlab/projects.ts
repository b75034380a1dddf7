import { accountLevel } from '../access.ts'
import { type Account, accountById, isBot } from '../accounts.ts'
import { writeReadme } from '../readme.ts'
import {
  deleteRepository,
  insertRepository,
  isRepositoryName,
  repositoryFolder,
  updateRepository,
} from '../repositories.ts'
import { flagField, type RestAnswer, RestFailure, type RestRequest, type Route, textField } from '../rest/answer.ts'
import { FieldFailure } from './field-failure.ts'
import { groupLevel, type KnownCaller, needProject, needScope, projectLevel } from './guard.ts'
import { projectView, userView } from './views.ts'

/** Projects. */
export const projectRoutes: readonly Route[] = [
  { method: 'POST', path: '/projects', handle: create },
  {
    method: 'GET',
    path: '/projects/:id',
    handle: request => {
      const caller = needScope(request, 'api', 'read_api')
      const { owner, repository } = needProject(request, caller, 'read')
      return { body: projectView(request.context, caller, owner, repository) }
    },
  },
  {
    method: 'DELETE',
    path: '/projects/:id',
    handle: async request => {
      const caller = needScope(request, 'api')
      const { repository } = needProject(request, caller, 'admin')
      request.context.opened.drop(repository)
      await deleteRepository(request.context.store, request.context.dataDir, repository)
      return { status: 202, body: { message: '202 Accepted' } }
    },
  },
  {
    method: 'POST',
    path: '/projects/:id/archive',
    handle: request => archive(request, true),
  },
  {
    method: 'POST',
    path: '/projects/:id/unarchive',
    handle: request => archive(request, false),
  },
  {
    method: 'GET',
    path: '/projects/:id/members/all/:user',
    handle: request => {
      const caller = needScope(request, 'api', 'read_api')
      const { repository } = needProject(request, caller, 'read')
      const user = accountById(request.context.store, Number(request.params['user']))
      const level = user
        ? accountLevel(request.context.store, { ...caller, user }, { ...repository, private: true })
        : 'none'
      if (!user || level === 'none') throw new RestFailure(404, '404 Not found')
      return {
        body: { ...userView(request.context, user), access_level: projectLevel(level), expires_at: null },
      }
    },
  },
]

function archive(request: RestRequest, archived: boolean): RestAnswer {
  const caller = needScope(request, 'api')
  const { owner, repository } = needProject(request, caller, 'admin')
  const { context } = request
  const changed = updateRepository(context.store, repository.id, { archived }, context.clock.now())
  return { status: 201, body: projectView(context, caller, owner, changed) }
}

async function create(request: RestRequest): Promise<RestAnswer> {
  const { context, body } = request
  const caller = needScope(request, 'api')
  const name = textField(body, 'path') ?? textField(body, 'name')
  if (name === undefined)
    return { status: 400, body: { error: 'name, path are missing, at least one parameter must be provided' } }
  if (!isRepositoryName(name)) {
    throw new FieldFailure({
      path: [
        "can contain only letters, digits, '_', '-' and '.'. Cannot start with '-', end in '.git' or end in '.atom'",
      ],
    })
  }
  const owner = namespace(request, caller)
  const made = await insertRepository(
    context.store,
    context.dataDir,
    {
      owner: owner.id,
      name,
      description: textField(body, 'description') ?? null,
      private: (textField(body, 'visibility') ?? 'private') !== 'public',
      defaultBranch: textField(body, 'default_branch') ?? 'main',
    },
    context.clock.now(),
  )
  if (!made) throw new FieldFailure({ name: ['has already been taken'], path: ['has already been taken'] })
  if (flagField(body, 'initialize_with_readme'))
    await writeReadme(repositoryFolder(context.dataDir, made), made, caller.user, context.clock.now())
  return { status: 201, body: projectView(context, caller, owner, made) }
}

/** Whose project it shall be: the caller's own, or that of the group with the id `namespace_id`. */
function namespace(request: RestRequest, caller: KnownCaller): Account {
  const id = request.body['namespace_id']
  if (id === undefined || id === null) {
    if (isBot(caller.user))
      throw new FieldFailure({
        limit_reached: ['Your project limit is 0! Please contact your administrator to increase it'],
      })
    return caller.user
  }
  const group = typeof id === 'number' ? accountById(request.context.store, id) : undefined
  if (group?.id === caller.user.id) return caller.user
  const level = group?.kind === 'organization' ? groupLevel(request.context, group, caller.user.id) : 0
  const needed = group?.membersCanCreateRepositories ? 30 : 50
  if (!group || level < needed) throw new RestFailure(403, '403 Forbidden')
  return group
}
