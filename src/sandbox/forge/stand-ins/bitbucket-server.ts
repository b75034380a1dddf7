import { type Role, reaches, type StandInRepository } from './model.ts'
import { closePull, openPull, pullOf, type StandInPull } from './pulls.ts'
import {
  type StandInAnswer,
  type StandInKind,
  type StandInRequest,
  type StandInRoute,
  seen,
  textOf,
} from './stand-in.ts'

const said = (status: number, message: string, exceptionName: string): StandInAnswer => ({
  status,
  body: { errors: [{ context: null, message, exceptionName: `com.atlassian.bitbucket.${exceptionName}` }] },
})
const nobody = said(
  401,
  'Authentication failed. Please check your credentials and try again.',
  'auth.IncorrectPasswordAuthenticationException',
)
const denied = said(401, 'You are not permitted to access this resource', 'AuthorisationException')
const missing = said(404, 'Repository does not exist.', 'repository.NoSuchRepositoryException')
const core = '/rest/api/1.0'
const path = `${core}/projects/:owner/repos/:name`

/** The scopes of a token: one level for repositories. `REPO_READ`, `REPO_WRITE`, `REPO_ADMIN`, and `PROJECT_ADMIN`. */
function allows(scopes: readonly string[], role: Role): boolean {
  const levels: Record<string, Role> = {
    REPO_READ: 'read',
    REPO_WRITE: 'write',
    REPO_ADMIN: 'admin',
    PROJECT_ADMIN: 'admin',
  }
  return scopes.some(scope => reaches(levels[scope] ?? 'none', role))
}

function withRole(
  line: string,
  role: Role,
  work: (repository: StandInRepository, request: StandInRequest) => StandInAnswer | Promise<StandInAnswer>,
): StandInRoute {
  return [
    line,
    request => {
      if (!request.token) return nobody
      const repository = seen(request)
      if (!repository) return missing
      const has = request.model.role(request.token.user, repository)
      if (!reaches(has, role) || !allows(request.token.scopes, role)) return denied
      return work(repository, request)
    },
  ]
}

const page = (values: readonly unknown[]): StandInAnswer => ({
  body: { size: values.length, limit: 1000, isLastPage: true, values, start: 0 },
})

/** The REST API of Bitbucket Data Center 8, by its reference. */
export const bitbucketServerStandIn: StandInKind = {
  gitPath:
    /^\/scm\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?\/(?<action>info\/refs|git-upload-pack|git-receive-pack)$/,
  gitScope: ({ scopes }, action) => allows(scopes, action),
  refuse: () => nobody,
  notFound: { status: 404, body: { 'status-code': 404, message: 'null for uri' } },
  headers: (token): Record<string, string> => (token ? { 'x-ausername': token.user, 'x-asen': 'SEN-500' } : {}),
  routes: [
    [
      'GET /rest/api/1.0/application-properties',
      () => ({ body: { version: '8.19.9', buildNumber: '8019009', buildDate: '1', displayName: 'Bitbucket' } }),
    ],
    [
      `GET ${core}/projects`,
      ({ model, token, query }) => {
        // Without a login this is the list of public projects: none.
        if (!token) return page([])
        const wanted = query.get('permission')
        const groups = [...model.groups.values()].filter(group => {
          const member = group.members.get(token.user)
          if (wanted === 'PROJECT_ADMIN') return member === 'owner'
          return wanted === 'REPO_CREATE' ? member === 'owner' || member === 'creator' : member !== undefined
        })
        return page(groups.map(group => ({ key: group.name, id: 1, name: group.name, public: false, type: 'NORMAL' })))
      },
    ],
    [
      `GET ${core}/projects/:owner`,
      ({ model, token, params }) => {
        if (!token) return nobody
        const group = model.group(params['owner']!)
        if (!group) return said(404, `Project ${params['owner']} does not exist.`, 'project.NoSuchProjectException')
        if (!group.members.has(token.user)) return denied
        return { body: { key: group.name, id: 1, name: group.name, public: false, type: 'NORMAL' } }
      },
    ],
    [
      `GET ${core}/repos`,
      ({ model, token, query }) => {
        if (!token) return nobody
        const permission = query.get('permission')
        const wanted: Role = permission === 'REPO_ADMIN' ? 'admin' : permission === 'REPO_WRITE' ? 'write' : 'read'
        const hits = model
          .repositories()
          .filter(({ owner, name }) => owner === query.get('projectkey') && name.includes(query.get('name') ?? ''))
          .filter(repository => reaches(model.role(token.user, repository), wanted) && allows(token.scopes, wanted))
        return page(hits.map(view))
      },
    ],
    withRole(`GET ${path}`, 'read', repository => ({ body: view(repository) })),
    withRole(`GET ${path}/default-branch`, 'read', async (repository, { model }) => {
      const isEmpty = (await model.branches(repository)).size === 0
      if (isEmpty) return { status: 204 }
      return { body: { id: 'refs/heads/main', displayId: 'main', type: 'BRANCH' } }
    }),
    [
      `POST ${core}/projects/:owner/repos`,
      async ({ model, token, params, body }) => {
        if (!token) return nobody
        const owner = params['owner']!
        const member = model.group(owner)?.members.get(token.user)
        const may = owner === `~${token.user}` || member === 'owner' || member === 'creator'
        if (!may || !allows(token.scopes, 'admin'))
          return said(
            401,
            'You do not have permission to create a repository in this project.',
            'AuthorisationException',
          )
        const made = await model.addRepository(owner, textOf(body, 'name'), body['public'] !== true)
        if (!made) return said(409, 'This repository URL is already taken.', 'DuplicateRepositoryException')
        return { status: 201, body: view(made) }
      },
    ],
    withRole(`DELETE ${path}`, 'admin', (repository, { model }) => {
      model.remove(repository)
      return {
        status: 202,
        body: { context: null, message: 'Repository scheduled for deletion.', exceptionName: null },
      }
    }),
    withRole('GET /rest/branch-permissions/2.0/projects/:owner/repos/:name/restrictions', 'admin', ({ protections }) =>
      page(
        [...protections].map(([branch, users], id) => ({
          id,
          type: 'read-only',
          matcher: {
            id: `refs/heads/${branch}`,
            displayId: branch,
            type: { id: 'BRANCH', name: 'Branch' },
            active: true,
          },
          users: users.map(name => ({ name })),
          groups: [],
          accessKeys: [],
        })),
      ),
    ),
    withRole('GET /rest/keys/1.0/projects/:owner/repos/:name/ssh', 'admin', ({ keys }) => page(keys.map(keyView))),
    withRole('POST /rest/keys/1.0/projects/:owner/repos/:name/ssh', 'admin', (repository, { model, body }) => {
      const key = body['key'] as Record<string, unknown>
      const text = textOf(key, 'text')
      if (repository.keys.some(other => other.key === text))
        return said(409, 'The SSH key is already in use.', 'ssh.DuplicateAccessKeyException')
      const made = {
        id: model.nextId(),
        title: textOf(key, 'label'),
        key: text,
        readOnly: body['permission'] !== 'REPO_WRITE',
      }
      repository.keys.push(made)
      return { status: 201, body: keyView(made) }
    }),
    withRole('DELETE /rest/keys/1.0/projects/:owner/repos/:name/ssh/:id', 'admin', ({ keys }, { params }) => {
      const at = keys.findIndex(key => String(key.id) === params['id'])
      if (at < 0) return missing
      keys.splice(at, 1)
      return { status: 204 }
    }),
    withRole(`GET ${path}/pull-requests`, 'read', (repository, request) => {
      const at = request.query.get('at')
      const shown = repository.pulls.filter(({ head }) => `refs/heads/${head}` === at)
      return page(shown.map(pull => pullView(request, repository, pull)))
    }),
    withRole(`GET ${path}/pull-requests/:number`, 'read', async (repository, request) => {
      const pull = await pullOf(request.model, repository, request.params['number'])
      return pull ? { body: pullView(request, repository, pull) } : noPull
    }),
    withRole(`POST ${path}/pull-requests`, 'read', async (repository, request) => {
      const { model, body, token } = request
      const branch = (side: unknown) => textOf((side ?? {}) as Record<string, unknown>, 'id').replace('refs/heads/', '')
      const [head, base] = [branch(body['fromRef']), branch(body['toRef'])]
      const wanted = {
        title: textOf(body, 'title'),
        body: textOf(body, 'description'),
        head,
        base,
        author: token!.user,
      }
      const made = await openPull(model, repository, wanted)
      if (!made) return said(404, `Branch "${head}" does not exist.`, 'commit.NoSuchCommitException')
      if (made[1]) return { status: 201, body: pullView(request, repository, made[0]) }
      return said(
        409,
        'Only one pull request may be open for a given source and target branch',
        'pull.DuplicatePullRequestException',
      )
    }),
    withRole(`POST ${path}/pull-requests/:number/decline`, 'read', async (repository, request) => {
      const pull = await pullOf(request.model, repository, request.params['number'])
      if (!pull) return noPull
      if (String(pull.version) !== request.query.get('version'))
        return said(
          409,
          'You are attempting to modify a pull request based on out-of-date information.',
          'pull.PullRequestOutOfDateException',
        )
      return { body: pullView(request, repository, closePull(pull)) }
    }),
    withRole(`GET ${path}/webhooks`, 'admin', ({ hooks }) => page(hooks.map(hookView))),
    withRole(`POST ${path}/webhooks`, 'admin', ({ hooks }, { model, body }) => {
      const made = { id: String(model.nextId()), url: textOf(body, 'url') }
      hooks.push(made)
      return { status: 201, body: hookView(made) }
    }),
    withRole(`DELETE ${path}/webhooks/:id`, 'admin', ({ hooks }, { params }) => {
      const at = hooks.findIndex(hook => hook.id === params['id'])
      if (at < 0) return missing
      hooks.splice(at, 1)
      return { status: 204 }
    }),
  ],
}

function view({ owner, name, private: isPrivate, archived }: StandInRepository): Record<string, unknown> {
  return {
    slug: name,
    id: 1,
    name,
    scmId: 'git',
    state: 'AVAILABLE',
    forkable: true,
    project: { key: owner, id: 1, name: owner, type: 'NORMAL' },
    public: !isPrivate,
    archived,
  }
}

function keyView(key: StandInRepository['keys'][number]): Record<string, unknown> {
  return {
    key: { id: key.id, text: key.key, label: key.title },
    permission: key.readOnly ? 'REPO_READ' : 'REPO_WRITE',
  }
}

function hookView({ id, url }: { readonly id: string; readonly url: string }): Record<string, unknown> {
  return { id: Number(id), name: 'sluice', url, active: true, events: ['repo:refs_changed'], configuration: {} }
}

const noPull = said(404, 'No pull request exists with this ID.', 'pull.NoSuchPullRequestException')

function pullView(
  { url }: StandInRequest,
  { owner, name }: StandInRepository,
  pull: StandInPull,
): Record<string, unknown> {
  const side = (branch: string) => ({ id: `refs/heads/${branch}`, displayId: branch })
  return {
    id: pull.number,
    version: pull.version,
    title: pull.title,
    description: pull.body,
    state: pull.state === 'open' ? 'OPEN' : pull.state === 'merged' ? 'MERGED' : 'DECLINED',
    open: pull.state === 'open',
    closed: pull.state !== 'open',
    fromRef: { ...side(pull.head), latestCommit: pull.headCommit },
    toRef: side(pull.base),
    author: { user: { name: pull.author } },
    links: { self: [{ href: `${url}/projects/${owner}/repos/${name}/pull-requests/${pull.number}` }] },
  }
}
