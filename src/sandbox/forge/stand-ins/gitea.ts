import { reaches, type StandInRepository } from './model.ts'
import { closePull, openPull, pullOf, type StandInPull } from './pulls.ts'
import {
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
  type StandInRoute,
  seen,
  textOf,
} from './stand-in.ts'

const missing: StandInAnswer = {
  status: 404,
  body: { errors: null, message: "The target couldn't be found.", url: 'http://127.0.0.1/api/swagger' },
}

/** A route that wants a scope: `repository`, `user` or `organization`, to read or to write. */
function scoped(line: string, scope: string, handle: StandInRoute[1]): StandInRoute {
  return [
    line,
    request => {
      if (!request.token) return { status: 401, body: { message: 'token is required', url: '' } }
      if (holds(request.token.scopes, scope)) return handle(request)
      const message = `token does not have at least one of required scope(s), required=[${scope}], token scope=${request.token.scopes.join(',')}`
      return { status: 403, body: { message, url: 'http://127.0.0.1/api/swagger' } }
    },
  ]
}

function holds(scopes: readonly string[], scope: string): boolean {
  const [level, area] = scope.split(':')
  return scopes.includes('all') || scopes.includes(`write:${area}`) || (level === 'read' && scopes.includes(scope))
}

function administered(
  line: string,
  scope: string,
  work: (repository: StandInRepository, request: StandInRequest) => StandInAnswer | Promise<StandInAnswer>,
): StandInRoute {
  return scoped(line, scope, request => {
    const repository = seen(request)
    if (!repository) return missing
    if (!reaches(request.model.role(request.token!.user, repository), 'admin'))
      return {
        status: 403,
        body: { message: 'user should be an owner or a collaborator with admin write of a repository', url: '' },
      }
    return work(repository, request)
  })
}

const repositoryPath = '/api/v1/repos/:owner/:name'

/** Gitea's API, by its API reference (1.24). */
export const giteaStandIn: StandInKind = {
  gitPath: /^\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?\/(?<action>info\/refs|git-upload-pack|git-receive-pack)$/,
  gitScope: ({ scopes }, action) => holds(scopes, `${action}:repository`),
  refuse: () => ({ status: 401, body: { message: 'user does not exist [uid: 0, name: ]', url: '' } }),
  notFound: missing,
  routes: [
    ['GET /api/v1/version', () => ({ body: { version: '1.24.6' } })],
    scoped('GET /api/v1/user', 'read:user', ({ token }) => ({ body: userView(token!.user) })),
    scoped('GET /api/v1/users/:user', 'read:user', ({ model, params }) =>
      model.users.has(params['user']!) ? { body: userView(params['user']!) } : missing,
    ),
    scoped('GET /api/v1/orgs/:owner', 'read:organization', ({ model, params }) => {
      const group = model.group(params['owner']!)
      return group
        ? { body: { id: 1, name: group.name, username: group.name, full_name: '', visibility: 'private' } }
        : missing
    }),
    scoped('GET /api/v1/users/:user/orgs/:owner/permissions', 'read:organization', ({ model, params }) => {
      const member = model.group(params['owner']!)?.members.get(params['user']!)
      if (!member) return missing
      const isOwner = member === 'owner'
      const may = isOwner || member === 'creator'
      return {
        body: { is_owner: isOwner, is_admin: isOwner, can_write: isOwner, can_read: true, can_create_repository: may },
      }
    }),
    scoped('GET /api/v1/repos/:owner/:name', 'read:repository', async request => {
      const found = seen(request)
      return found ? { body: await view(request, found) } : missing
    }),
    scoped('POST /api/v1/user/repos', 'write:user', request => create(request, request.token!.user)),
    scoped('POST /api/v1/orgs/:owner/repos', 'write:organization', request => {
      const group = request.model.group(request.params['owner']!)
      if (!group) return missing
      const member = group.members.get(request.token!.user)
      if (member !== 'owner' && member !== 'creator')
        return {
          status: 403,
          body: { message: 'Given user is not allowed to create repository in organization.', url: '' },
        }
      return create(request, group.name)
    }),
    administered(`DELETE ${repositoryPath}`, 'write:repository', (repository, { model }) => {
      model.remove(repository)
      return { status: 204 }
    }),
    scoped(`GET ${repositoryPath}/branches/*branch`, 'read:repository', async request => {
      const found = seen(request)
      const branch = request.params['branch']!
      const id = found && (await request.model.branches(found)).get(branch)
      if (!found || id === undefined) return missing
      const allowed = found.protections.get(branch)
      const canWrite = reaches(request.model.role(request.token!.user, found), 'write')
      return {
        body: {
          name: branch,
          commit: { id },
          protected: allowed !== undefined,
          required_approvals: 0,
          user_can_push: canWrite && (allowed === undefined || allowed.includes(request.token!.user)),
          user_can_merge: canWrite,
          effective_branch_protection_name: allowed === undefined ? '' : branch,
        },
      }
    }),
    administered(`GET ${repositoryPath}/branch_protections`, 'read:repository', ({ protections }) => ({
      body: [...protections].map(([branch, users]) => ({
        rule_name: branch,
        branch_name: branch,
        enable_push: users.length > 0,
        enable_push_whitelist: users.length > 0,
        push_whitelist_usernames: users,
        require_signed_commits: false,
      })),
    })),
    administered(`GET ${repositoryPath}/keys`, 'read:repository', ({ keys }) => ({
      body: keys.map(key => ({ id: key.id, title: key.title, key: key.key, read_only: key.readOnly })),
    })),
    administered(`POST ${repositoryPath}/keys`, 'write:repository', (repository, { model, body }) => {
      const key = textOf(body, 'key')
      if (repository.keys.some(other => other.key === key))
        return { status: 422, body: { message: 'This key has already been added to this repository', url: '' } }
      const made = { id: model.nextId(), title: textOf(body, 'title'), key, readOnly: body['read_only'] === true }
      repository.keys.push(made)
      return { status: 201, body: { id: made.id, title: made.title, key, read_only: made.readOnly } }
    }),
    administered(`DELETE ${repositoryPath}/keys/:id`, 'write:repository', ({ keys }, { params }) => {
      const at = keys.findIndex(key => String(key.id) === params['id'])
      if (at < 0) return missing
      keys.splice(at, 1)
      return { status: 204 }
    }),
    administered(`GET ${repositoryPath}/hooks`, 'read:repository', ({ hooks }) => ({ body: hooks.map(hookView) })),
    administered(`POST ${repositoryPath}/hooks`, 'write:repository', ({ hooks }, { model, body }) => {
      const config = body['config'] as Record<string, unknown>
      const made = { id: String(model.nextId()), url: textOf(config, 'url') }
      hooks.push(made)
      return { status: 201, body: hookView(made) }
    }),
    scoped(`GET ${repositoryPath}/pulls`, 'read:repository', async request => {
      const found = seen(request)
      return found ? { body: found.pulls.map(pull => pullView(request, found, pull)) } : missing
    }),
    scoped(`GET ${repositoryPath}/pulls/:number`, 'read:repository', async request => {
      const found = seen(request)
      const pull = found && (await pullOf(request.model, found, request.params['number']))
      return found && pull ? { body: pullView(request, found, pull) } : missing
    }),
    scoped(`POST ${repositoryPath}/pulls`, 'write:repository', async request => {
      const { model, body, token } = request
      const found = seen(request)
      if (!found) return missing
      const [title, text, head, base] = ['title', 'body', 'head', 'base'].map(name => textOf(body, name))
      const made = await openPull(model, found, {
        title: title!,
        body: text!,
        head: head!,
        base: base!,
        author: token!.user,
      })
      if (!made) return missing
      const [pull, isNew] = made
      if (isNew) return { status: 201, body: pullView(request, found, pull) }
      const message = `pull request already exists for these targets [id: ${pull.number}, issue_id: 1, head_repo_id: 1, base_repo_id: 1, head_branch: ${head}, base_branch: ${base}]`
      return { status: 409, body: { message, url: '' } }
    }),
    scoped(`PATCH ${repositoryPath}/pulls/:number`, 'write:repository', async request => {
      const found = seen(request)
      const pull = found && (await pullOf(request.model, found, request.params['number']))
      if (!found || !pull) return missing
      if (request.body['state'] === 'closed') closePull(pull)
      return { status: 201, body: pullView(request, found, pull) }
    }),
    administered(`DELETE ${repositoryPath}/hooks/:id`, 'write:repository', ({ hooks }, { params }) => {
      const at = hooks.findIndex(hook => hook.id === params['id'])
      if (at < 0) return missing
      hooks.splice(at, 1)
      return { status: 204 }
    }),
  ],
}

async function create({ model, body, ...request }: StandInRequest, owner: string): Promise<StandInAnswer> {
  const made = await model.addRepository(owner, textOf(body, 'name'), body['private'] === true)
  if (!made) return { status: 409, body: { message: 'The repository with the same name already exists.', url: '' } }
  return { status: 201, body: await view({ model, body, ...request }, made) }
}

async function view({ model, token, url }: StandInRequest, repository: StandInRepository): Promise<unknown> {
  const { owner, name } = repository
  const role = model.role(token!.user, repository)
  return {
    id: 1,
    owner: userView(owner),
    name,
    full_name: `${owner}/${name}`,
    empty: (await model.branches(repository)).size === 0,
    private: repository.private,
    archived: repository.archived,
    default_branch: 'main',
    clone_url: `${url}/${owner}/${name}.git`,
    html_url: `${url}/${owner}/${name}`,
    permissions: { admin: role === 'admin', push: reaches(role, 'write'), pull: true },
  }
}

function userView(login: string): Record<string, unknown> {
  return {
    id: 1,
    login,
    login_name: '',
    full_name: '',
    email: `${login}@noreply.localhost`,
    username: login,
    is_admin: false,
  }
}

function hookView({ id, url }: { readonly id: string; readonly url: string }): Record<string, unknown> {
  return { id: Number(id), type: 'gitea', config: { url, content_type: 'json' }, events: ['push'], active: true }
}

function pullView(
  { url }: StandInRequest,
  { owner, name }: StandInRepository,
  pull: StandInPull,
): Record<string, unknown> {
  return {
    id: pull.number,
    number: pull.number,
    html_url: `${url}/${owner}/${name}/pulls/${pull.number}`,
    user: userView(pull.author),
    title: pull.title,
    body: pull.body,
    state: pull.state === 'open' ? 'open' : 'closed',
    merged: pull.state === 'merged',
    merged_at: pull.state === 'merged' ? new Date().toISOString() : null,
    head: { label: pull.head, ref: pull.head, sha: pull.headCommit },
    base: { label: pull.base, ref: pull.base },
  }
}
