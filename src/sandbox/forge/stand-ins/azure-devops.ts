import { reaches, type StandInRepository } from './model.ts'
import { closePull, openPull, pullOf, type StandInPull } from './pulls.ts'
import { type StandInAnswer, type StandInKind, type StandInRequest, type StandInRoute, textOf } from './stand-in.ts'

const said = (status: number, message: string, typeKey: string): StandInAnswer => ({
  status,
  body: { $id: '1', innerException: null, message, typeName: `x.${typeKey}`, typeKey, errorCode: 0, eventId: 3000 },
})
/** What Azure DevOps answers to a token that it does not take: no status of refusal, but a page. */
const signIn: StandInAnswer = {
  status: 203,
  body: '<html><head><title>Azure DevOps Services | Sign In</title></head></html>',
}
const missing = said(
  404,
  'TF401019: The Git repository with name or identifier does not exist or you do not have permissions.',
  'GitRepositoryNotFoundException',
)
const organization = '/acme'

/** `vso.code`, `vso.code_write`, `vso.code_manage`, `vso.project`, `vso.security_manage`. */
function holds(scopes: readonly string[], wanted: string): boolean {
  const ladder = ['vso.code', 'vso.code_write', 'vso.code_manage']
  const at = ladder.indexOf(wanted)
  return scopes.includes(wanted) || (at >= 0 && ladder.slice(at).some(scope => scopes.includes(scope)))
}

function scoped(line: string, scope: string, handle: StandInRoute[1]): StandInRoute {
  return [
    line,
    request => {
      if (!request.token) return signIn
      if (holds(request.token.scopes, scope)) return handle(request)
      return said(403, 'The requested operation is not allowed.', 'AccessCheckException')
    },
  ]
}

const repositories = `${organization}/:owner/_apis/git/repositories`

/** Azure DevOps' REST API 7.1 for the organization `acme`, by its reference. */
export const azureDevOpsStandIn: StandInKind = {
  gitPath: /^\/acme\/(?<owner>[^/]+)\/_git\/(?<name>[^/]+)\/(?<action>info\/refs|git-upload-pack|git-receive-pack)$/,
  gitScope: ({ scopes }, action) => holds(scopes, action === 'write' ? 'vso.code_write' : 'vso.code'),
  refuse: () => signIn,
  notFound: { status: 404, body: 'The resource cannot be found.' },
  routes: [
    [
      `GET ${organization}/_apis/connectionData`,
      ({ token }) =>
        token
          ? {
              body: {
                authenticatedUser: {
                  id: '11111111-0000-0000-0000-000000000001',
                  providerDisplayName: token.user,
                  isActive: true,
                  properties: { Account: { $type: 'System.String', $value: token.user } },
                },
                instanceId: 'x',
              },
            }
          : signIn,
    ],
    scoped(`GET ${organization}/_apis/projects/:owner`, 'vso.project', ({ model, params, token }) => {
      const group = model.group(params['owner']!)
      if (!group?.members.has(token!.user)) {
        const message = `TF200016: The following project does not exist: ${params['owner']}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server.`
        return said(404, message, 'ProjectDoesNotExistWithNameException')
      }
      return { body: { id: group.id, name: group.name, state: 'wellFormed', visibility: 'private' } }
    }),
    scoped(`GET ${organization}/_apis/permissions/:namespace/:bit`, 'vso.security_manage', request => ({
      body: { count: 1, value: [permission(request)] },
    })),
    scoped(`GET ${repositories}/:name`, 'vso.code', async request => {
      const found = find(request)
      return found ? { body: await view(request, found) } : missing
    }),
    scoped(`POST ${repositories}`, 'vso.code_manage', async request => {
      const { model, params, body, token } = request
      const member = model.group(params['owner']!)?.members.get(token!.user)
      if (member !== 'owner' && member !== 'creator') {
        const message = "TF401027: You need the Git 'CreateRepository' permission to perform this action."
        return said(403, message, 'GitNeedsPermissionException')
      }
      const made = await model.addRepository(params['owner']!, textOf(body, 'name'))
      if (!made) {
        const message = 'TF400948: A Git repository with the name already exists.'
        return said(409, message, 'GitRepositoryNameAlreadyExistsException')
      }
      return { status: 201, body: await view(request, made) }
    }),
    scoped(`DELETE ${repositories}/:name`, 'vso.code_manage', request => {
      const found = find(request)
      if (!found) return missing
      request.model.remove(found)
      return { status: 204 }
    }),
    scoped(`GET ${repositories}/:name/pullrequests`, 'vso.code', ({ query, ...request }) => {
      const found = find({ query, ...request })
      const asked = (name: string) => query.get(`searchCriteria.${name}`)
      const value = (found?.pulls ?? [])
        .filter(({ head }) => `refs/heads/${head}` === asked('sourceRefName'))
        .filter(({ base }) => `refs/heads/${base}` === asked('targetRefName'))
      return found ? { body: { count: value.length, value: value.map(pullView) } } : missing
    }),
    scoped(`GET ${repositories}/:name/pullrequests/:number`, 'vso.code', async request => {
      const found = find(request)
      const pull = found && (await pullOf(request.model, found, request.params['number']))
      return pull ? { body: pullView(pull) } : noPull
    }),
    scoped(`POST ${repositories}/:name/pullrequests`, 'vso.code_write', async request => {
      const { model, body, token } = request
      const found = find(request)
      if (!found) return missing
      if (textOf(body, 'description').length > 4000)
        return said(400, 'TF401398: The description is longer than 4000 characters.', 'GitPullRequestException')
      const branch = (name: string) => textOf(body, name).replace('refs/heads/', '')
      const [head, base] = [branch('sourceRefName'), branch('targetRefName')]
      const wanted = {
        title: textOf(body, 'title'),
        body: textOf(body, 'description'),
        head,
        base,
        author: token!.user,
      }
      const made = await openPull(model, found, wanted)
      if (!made) return missing
      if (made[1]) return { status: 201, body: pullView(made[0]) }
      const message = 'TF401179: An active pull request for the source and target branch already exists.'
      return said(409, message, 'GitPullRequestExistsException')
    }),
    scoped(`PATCH ${repositories}/:name/pullrequests/:number`, 'vso.code_write', async request => {
      const found = find(request)
      const pull = found && (await pullOf(request.model, found, request.params['number']))
      if (!pull) return noPull
      return { body: pullView(request.body['status'] === 'abandoned' ? closePull(pull) : pull) }
    }),
    scoped(`GET ${organization}/:owner/_apis/git/policy/configurations`, 'vso.code', ({ model, query }) => {
      const found = model.repositories().find(({ id }) => id === query.get('repositoryId'))
      const branch = (query.get('refName') ?? '').replace('refs/heads/', '')
      const policy = { isEnabled: true, isBlocking: true, type: { displayName: 'Minimum number of reviewers' } }
      const value = found?.protections.has(branch) ? [policy] : []
      return { body: { count: value.length, value } }
    }),
  ],
}

function find({ model, params, token }: StandInRequest): StandInRepository | undefined {
  const name = params['name']!
  const found = model.repository(params['owner']!, name) ?? model.repositories().find(({ id }) => id === name)
  return found && model.role(token!.user, found) !== 'none' ? found : undefined
}

/** 4 contribute, 128 bypass policies, 256 create a repository, 8192 manage permissions. */
function permission({ model, params, query, token }: StandInRequest): boolean {
  const { user } = token!
  const [, project, repositoryId] = (query.get('tokens') ?? '').split('/')
  const group = [...model.groups.values()].find(({ id }) => id === project)
  const bit = Number(params['bit'])
  if (bit === 256) return /^(?:owner|creator)$/.test(group?.members.get(user) ?? '')
  const repository = model.repositories().find(({ id }) => id === repositoryId)
  if (!repository) return false
  if (bit === 128) return [...repository.protections.values()].some(users => users.includes(user))
  return reaches(model.role(user, repository), bit === 4 ? 'write' : 'admin')
}

async function view({ model, url }: StandInRequest, repository: StandInRepository): Promise<unknown> {
  const group = model.group(repository.owner)
  const isEmpty = (await model.branches(repository)).size === 0
  return {
    id: repository.id,
    name: repository.name,
    url: `${url}${organization}/_apis/git/repositories/${repository.id}`,
    project: { id: group?.id, name: repository.owner, state: 'wellFormed', visibility: 'private' },
    ...(!isEmpty && { defaultBranch: 'refs/heads/main' }),
    size: 0,
    isDisabled: repository.archived,
  }
}

const noPull = said(404, 'TF401180: The requested pull request was not found.', 'GitPullRequestNotFoundException')

function pullView(pull: StandInPull): Record<string, unknown> {
  return {
    pullRequestId: pull.number,
    title: pull.title,
    description: pull.body,
    status: pull.state === 'open' ? 'active' : pull.state === 'merged' ? 'completed' : 'abandoned',
    sourceRefName: `refs/heads/${pull.head}`,
    targetRefName: `refs/heads/${pull.base}`,
    lastMergeSourceCommit: { commitId: pull.headCommit },
    createdBy: { displayName: pull.author },
  }
}
