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

const said = (status: number, message: string, detail?: unknown): StandInAnswer => ({
  status,
  body: { type: 'error', error: { message, ...(detail !== undefined && { detail }) } },
})
const missing = said(404, 'You may not have access to this repository or it no longer exists in this workspace.')

/** Each scope includes the ones before it: `repository`, `repository:write`, `repository:admin`. */
const ladder = ['repository', 'repository:write', 'repository:admin'] as const

function holds(scopes: readonly string[], wanted: string): boolean {
  if (wanted === 'pullrequest' && scopes.includes('pullrequest:write')) return true
  const at = ladder.indexOf(wanted as 'repository')
  return at < 0 ? scopes.includes(wanted) : ladder.slice(at).some(scope => scopes.includes(scope))
}

function scoped(line: string, scope: string, handle: StandInRoute[1]): StandInRoute {
  return [
    line,
    request => {
      const { token } = request
      if (!token) return said(401, 'Token is invalid, expired, or not supported for this endpoint.')
      if (holds(token.scopes, scope)) return handle(request)
      return said(403, 'Your credentials lack one or more required privilege scopes.', {
        required: [scope],
        granted: token.scopes,
      })
    },
  ]
}

function withRole(
  line: string,
  scope: string,
  role: Role,
  work: (repository: StandInRepository, request: StandInRequest) => StandInAnswer | Promise<StandInAnswer>,
): StandInRoute {
  return scoped(line, scope, request => {
    const repository = seen(request)
    if (!repository) return missing
    if (!reaches(request.model.role(request.token!.user, repository), role))
      return said(403, 'Your credentials do not have the right to do this.')
    return work(repository, request)
  })
}

const path = '/2.0/repositories/:owner/:name'
const values = (items: readonly unknown[]): StandInAnswer => ({
  body: { pagelen: 100, size: items.length, page: 1, values: items },
})

/** Bitbucket Cloud's API 2.0, by its reference. */
export const bitbucketStandIn: StandInKind = {
  gitPath: /^\/(?<owner>[^/]+)\/(?<name>[^/]+?)(?:\.git)?\/(?<action>info\/refs|git-upload-pack|git-receive-pack)$/,
  gitScope: ({ scopes }, action) => holds(scopes, action === 'write' ? 'repository:write' : 'repository'),
  refuse: () => said(401, 'Token is invalid, expired, or not supported for this endpoint.'),
  notFound: said(404, 'Resource not found'),
  headers: (token): Record<string, string> => (token ? { 'x-oauth-scopes': token.scopes.join(', ') } : {}),
  routes: [
    scoped('GET /2.0/user', 'account', ({ token }) => ({
      body: {
        type: 'user',
        uuid: `{${token!.user}}`,
        username: token!.user,
        display_name: token!.user,
        nickname: token!.user,
      },
    })),
    scoped('GET /2.0/workspaces/:owner', 'account', ({ model, params, token }) => {
      const group = model.group(params['owner']!)
      const isOwn = token!.user === params['owner']
      if (!group && !isOwn) return said(404, `No workspace with identifier '${params['owner']}'.`)
      return { body: { type: 'workspace', uuid: '{1}', slug: group?.name ?? token!.user, name: 'x', is_private: true } }
    }),
    scoped('GET /2.0/user/workspaces', 'account', ({ model, token }) =>
      values(
        [...model.groups.values()]
          .filter(group => group.members.has(token!.user))
          .map(group => ({
            type: 'workspace_access',
            administrator: group.members.get(token!.user) === 'owner',
            workspace: { type: 'workspace_base', slug: group.name, uuid: '{1}' },
          })),
      ),
    ),
    scoped('GET /2.0/repositories/:owner', 'repository', ({ model, params, token, query }) => {
      const wanted: Role =
        query.get('role') === 'admin' ? 'admin' : query.get('role') === 'contributor' ? 'write' : 'read'
      const slug = /slug="([^"]*)"/.exec(query.get('q') ?? '')?.[1]
      const hits = model
        .repositories()
        .filter(({ owner, name }) => owner === params['owner'] && (slug === undefined || name === slug))
        .filter(repository => reaches(model.role(token!.user, repository), wanted))
      return values(hits.map(({ owner, name }) => ({ type: 'repository', full_name: `${owner}/${name}` })))
    }),
    withRole(`GET ${path}`, 'repository', 'read', async (repository, request) => ({
      body: await view(request, repository),
    })),
    scoped(`POST ${path}`, 'repository:admin', async request => {
      const { model, params, token, body } = request
      const owner = params['owner']!
      const member = model.group(owner)?.members.get(token!.user)
      if (token!.user !== owner && member !== 'owner' && member !== 'creator')
        return said(403, 'You do not have the necessary permissions to create a repository in this workspace.')
      const made = await model.addRepository(owner, params['name']!, body['is_private'] === true)
      if (!made) return said(400, 'Repository with this Slug and Owner already exists.')
      return { body: await view(request, made) }
    }),
    withRole(`DELETE ${path}`, 'repository:admin', 'admin', (repository, { model }) => {
      model.remove(repository)
      return { status: 204 }
    }),
    withRole(`GET ${path}/branch-restrictions`, 'repository:admin', 'admin', ({ protections }, { query }) => {
      const users = protections.get(query.get('pattern') ?? '')
      const rule = { kind: 'push', branch_match_kind: 'glob', pattern: query.get('pattern'), groups: [] }
      return values(users ? [{ ...rule, users: users.map(user => ({ uuid: `{${user}}` })) }] : [])
    }),
    withRole(`GET ${path}/deploy-keys`, 'repository:admin', 'admin', ({ keys }) => values(keys.map(keyView))),
    withRole(`POST ${path}/deploy-keys`, 'repository:admin', 'admin', (repository, { model, body }) => {
      const key = textOf(body, 'key')
      if (repository.keys.some(other => other.key === key))
        return said(400, 'Someone has already registered that SSH key.')
      const made = { id: model.nextId(), title: textOf(body, 'label'), key, readOnly: true }
      repository.keys.push(made)
      return { body: keyView(made) }
    }),
    withRole(`DELETE ${path}/deploy-keys/:id`, 'repository:admin', 'admin', ({ keys }, { params }) => {
      const at = keys.findIndex(key => String(key.id) === params['id'])
      if (at < 0) return missing
      keys.splice(at, 1)
      return { status: 204 }
    }),
    withRole(`GET ${path}/pullrequests`, 'pullrequest', 'read', (repository, request) => {
      const states = request.query.getAll('state')
      const shown = repository.pulls.filter(({ state }) => states.includes(stateWords[state]))
      return values(shown.map(pull => pullView(request, repository, pull)))
    }),
    withRole(`GET ${path}/pullrequests/:number`, 'pullrequest', 'read', async (repository, request) => {
      const pull = await pullOf(request.model, repository, request.params['number'])
      return pull ? { body: pullView(request, repository, pull) } : said(404, 'Resource not found')
    }),
    withRole(`POST ${path}/pullrequests`, 'pullrequest:write', 'write', async (repository, request) => {
      const { model, body, token } = request
      const branch = (side: unknown) =>
        textOf((side as { branch?: Record<string, unknown> } | undefined)?.branch ?? {}, 'name')
      const [head, base] = [branch(body['source']), branch(body['destination'])]
      const wanted = {
        title: textOf(body, 'title'),
        body: textOf(body, 'description'),
        head,
        base,
        author: token!.user,
      }
      const made = await openPull(model, repository, wanted)
      if (!made) return said(400, 'source: branch not found')
      return { status: 201, body: pullView(request, repository, made[0]) }
    }),
    withRole(`POST ${path}/pullrequests/:number/decline`, 'pullrequest:write', 'write', async (repository, request) => {
      const pull = await pullOf(request.model, repository, request.params['number'])
      return pull ? { body: pullView(request, repository, closePull(pull)) } : said(404, 'Resource not found')
    }),
    withRole(`GET ${path}/hooks`, 'webhook', 'admin', ({ hooks }) => values(hooks.map(hookView))),
    withRole(`POST ${path}/hooks`, 'webhook', 'admin', ({ hooks }, { model, body }) => {
      const made = { id: `{${model.nextId()}}`, url: textOf(body, 'url') }
      hooks.push(made)
      return { status: 201, body: hookView(made) }
    }),
    withRole(`DELETE ${path}/hooks/:id`, 'webhook', 'admin', ({ hooks }, { params }) => {
      const at = hooks.findIndex(hook => hook.id === params['id'])
      if (at < 0) return missing
      hooks.splice(at, 1)
      return { status: 204 }
    }),
  ],
}

async function view({ model, url }: StandInRequest, repository: StandInRepository): Promise<unknown> {
  const full = `${repository.owner}/${repository.name}`
  const isEmpty = (await model.branches(repository)).size === 0
  return {
    type: 'repository',
    uuid: `{${repository.id}}`,
    full_name: full,
    name: repository.name,
    slug: repository.name,
    is_private: repository.private,
    scm: 'git',
    mainbranch: isEmpty ? null : { type: 'branch', name: 'main' },
    links: {
      html: { href: `${url}/${full}` },
      clone: [
        { name: 'https', href: `${url.replace('://', '://mona@')}/${full}.git` },
        { name: 'ssh', href: `git@bitbucket.org:${full}.git` },
      ],
    },
  }
}

function keyView(key: StandInRepository['keys'][number]): Record<string, unknown> {
  return { type: 'deploy_key', id: key.id, key: key.key, label: key.title, comment: '' }
}

function hookView({ id, url }: { readonly id: string; readonly url: string }): Record<string, unknown> {
  return { type: 'webhook_subscription', uuid: id, url, active: true, events: ['repo:push'] }
}

const stateWords = { open: 'OPEN', merged: 'MERGED', closed: 'DECLINED' } as const

function pullView(
  { url }: StandInRequest,
  { owner, name }: StandInRepository,
  pull: StandInPull,
): Record<string, unknown> {
  return {
    type: 'pullrequest',
    id: pull.number,
    title: pull.title,
    summary: { raw: pull.body },
    state: stateWords[pull.state],
    author: { type: 'user', nickname: pull.author },
    // Hashes are cut short here.
    source: { branch: { name: pull.head }, commit: { hash: pull.headCommit.slice(0, 12) } },
    destination: { branch: { name: pull.base } },
    links: { html: { href: `${url}/${owner}/${name}/pull-requests/${pull.number}` } },
  }
}
