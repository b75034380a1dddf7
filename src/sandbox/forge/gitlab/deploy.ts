import { randomBytes } from 'node:crypto'
import { type DeployKey, deleteKey, insertKey, keysOf, parsePublicKey } from '../deploy-keys.ts'
import { flagField, RestFailure, type Route, textField, textsField } from '../rest/answer.ts'
import { FieldFailure } from './field-failure.ts'
import { needProject, needScope } from './guard.ts'
import { paged } from './paged.ts'
import { stamp } from './views.ts'

const path = '/projects/:id/deploy_keys'

/** Deploy keys and deploy tokens. A deploy token of this forge is known to its API, but lets nobody in. */
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
  {
    method: 'POST',
    path: '/projects/:id/deploy_tokens',
    handle: request => {
      needProject(request, needScope(request, 'api'), 'admin')
      const id = 1 + (randomBytes(4).readUInt32BE(0) % 1_000_000)
      return {
        status: 201,
        body: {
          id,
          name: textField(request.body, 'name') ?? '',
          username: `gitlab+deploy-token-${id}`,
          expires_at: textField(request.body, 'expires_at') ?? null,
          token: `gldt-${randomBytes(10).toString('hex')}`,
          revoked: false,
          expired: false,
          scopes: textsField(request.body, 'scopes') ?? [],
        },
      }
    },
  },
  {
    method: 'DELETE',
    path: '/projects/:id/deploy_tokens/:token',
    handle: request => {
      needProject(request, needScope(request, 'api'), 'admin')
      return { status: 204 }
    },
  },
]

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
