import { randomBytes } from 'node:crypto'
import { putAccount } from '../accounts.ts'
import { type DeployKey, deleteKey, insertKey, keysOf, parsePublicKey } from '../deploy-keys.ts'
import {
  flagField,
  type RestAnswer,
  RestFailure,
  type RestRequest,
  type Route,
  textField,
  textsField,
} from '../rest/answer.ts'
import { insertToken } from '../tokens.ts'
import { FieldFailure } from './field-failure.ts'
import { needProject, needScope } from './guard.ts'
import { paged } from './paged.ts'
import { stamp } from './views.ts'

const path = '/projects/:id/deploy_keys'

/** Deploy keys and deploy tokens. */
export const deployRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    handle: request => {
      const { repository } = needProject(request, needScope(request, 'api', 'read_api'), 'admin')
      return paged(request, keysOf(request.context.store, repository.id).map(view))
    },
  },
  {
    method: 'POST',
    path,
    handle: request => {
      const caller = needScope(request, 'api')
      const { repository } = needProject(request, caller, 'admin')
      const { body, context } = request
      const key = parsePublicKey(textField(body, 'key') ?? '')
      if (key === undefined) throw new FieldFailure({ key: ['is invalid'], fingerprint_sha256: ["can't be blank"] })
      const made = insertKey(context.store, repository.id, {
        title: textField(body, 'title') ?? '',
        key,
        readOnly: !(flagField(body, 'can_push') ?? false),
        addedBy: caller.user.login,
        createdAt: context.clock.now().toISOString(),
      })
      if (!made) throw new FieldFailure({ 'deploy_key.fingerprint_sha256': ['has already been taken'] })
      return { status: 201, body: view(made) }
    },
  },
  {
    method: 'DELETE',
    path: `${path}/:key`,
    handle: request => {
      const { repository } = needProject(request, needScope(request, 'api'), 'admin')
      if (!deleteKey(request.context.store, repository.id, Number(request.params['key'])))
        throw new RestFailure(404, '404 Deploy Key Not Found')
      return { status: 204 }
    },
  },
  { method: 'POST', path: '/projects/:id/deploy_tokens', handle: addToken },
  {
    method: 'DELETE',
    path: '/projects/:id/deploy_tokens/:token',
    handle: request => {
      const { repository } = needProject(request, needScope(request, 'api'), 'admin')
      const { changes } = request.context.store
        .prepare(
          "DELETE FROM tokens WHERE id = ? AND name = 'deploy' AND account IN (SELECT account FROM collaborators WHERE repository = ?)",
        )
        .run(Number(request.params['token']), repository.id)
      if (changes === 0) throw new RestFailure(404, '404 Deploy Token Not Found')
      return { status: 204 }
    },
  },
]

/** A deploy token is a token for git alone, of an account that can read this one project. */
function addToken(request: RestRequest): RestAnswer {
  const { context, body } = request
  const { repository } = needProject(request, needScope(request, 'api'), 'admin')
  const scopes = textsField(body, 'scopes') ?? []
  if (scopes.length === 0) return { status: 400, body: { error: 'scopes is missing' } }
  const now = context.clock.now()
  const login = `project_${repository.id}_bot_${randomBytes(16).toString('hex')}`
  const bot = putAccount(context.store, 'user', { login }, now)
  context.store
    .prepare("INSERT INTO collaborators (repository, account, permission) VALUES (?, ?, 'read')")
    .run(repository.id, bot.id)
  const expiresAt = textField(body, 'expires_at')
  const fields = {
    account: bot.id,
    kind: 'classic',
    api: 'gitlab',
    name: 'deploy',
    scopes,
    permissions: {},
    resourceOwner: bot.id,
    repositories: undefined,
    sso: [],
    expiresAt,
  } as const
  const { id, text } = insertToken(context.store, fields, now, 'gldt-')
  return {
    status: 201,
    body: {
      id,
      name: textField(body, 'name') ?? '',
      username: `gitlab+deploy-token-${id}`,
      expires_at: expiresAt ?? null,
      token: text.reveal(),
      revoked: false,
      expired: false,
      scopes,
    },
  }
}

function view(key: DeployKey): Record<string, unknown> {
  return {
    id: key.id,
    title: key.title,
    created_at: stamp(key.createdAt),
    expires_at: null,
    key: key.key,
    fingerprint: null,
    can_push: !key.readOnly,
  }
}
