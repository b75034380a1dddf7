import type { Right } from '../access.ts'
import { type DeployKey, deleteKey, insertKey, keysOf, parsePublicKey } from '../deploy-keys.ts'
import { flagField, invalid, notFound, paged, type RestRequest, type Route, textField } from './answer.ts'
import { needLogin, needRepository } from './guard.ts'
import { stamp } from './views.ts'

const read: Right = { level: 'admin', permission: 'administration', access: 'read' }
const write: Right = { level: 'admin', permission: 'administration', access: 'write' }
const path = '/repos/:owner/:repo/keys'

/** Deploy keys. */
export const keyRoutes: readonly Route[] = [
  {
    method: 'GET',
    path,
    scopes: 'repo',
    permissions: 'administration=read',
    handle: request => {
      const { repository } = needRepository(request, read)
      return paged(
        request,
        keysOf(request.context.store, repository.id).map(key => view(request, key)),
      )
    },
  },
  {
    method: 'POST',
    path,
    scopes: 'repo',
    permissions: 'administration=write',
    handle: request => {
      const { repository } = needRepository(request, write)
      const { body, context } = request
      const text = textField(body, 'key')
      if (text === undefined) throw invalid({ resource: 'PublicKey', field: 'key', code: 'missing_field' })
      const key = parsePublicKey(text)
      if (key === undefined) {
        const message = 'key is invalid. You must supply a key in OpenSSH public key format'
        throw invalid({ resource: 'PublicKey', field: 'key', code: 'custom', message })
      }
      const made = insertKey(context.store, repository.id, {
        title: textField(body, 'title') ?? '',
        key,
        readOnly: flagField(body, 'read_only') ?? false,
        addedBy: needLogin(request).user.login,
        createdAt: context.clock.now().toISOString(),
      })
      if (!made)
        throw invalid({ resource: 'PublicKey', field: 'key', code: 'custom', message: 'key is already in use' })
      return { status: 201, body: view(request, made) }
    },
  },
  {
    method: 'GET',
    path: `${path}/:key`,
    scopes: 'repo',
    permissions: 'administration=read',
    handle: request => {
      const { repository } = needRepository(request, read)
      const found = keysOf(request.context.store, repository.id).find(key => String(key.id) === request.params['key'])
      if (!found) throw notFound()
      return { body: view(request, found) }
    },
  },
  {
    method: 'DELETE',
    path: `${path}/:key`,
    scopes: 'repo',
    permissions: 'administration=write',
    handle: request => {
      const { repository } = needRepository(request, write)
      if (!deleteKey(request.context.store, repository.id, Number(request.params['key']))) throw notFound()
      return { status: 204 }
    },
  },
]

function view(request: RestRequest, key: DeployKey): Record<string, unknown> {
  const { owner, repo } = request.params
  return {
    id: key.id,
    key: key.key,
    url: `${request.context.url}/api/v3/repos/${owner}/${repo}/keys/${key.id}`,
    title: key.title,
    verified: true,
    created_at: stamp(key.createdAt),
    read_only: key.readOnly,
    added_by: key.addedBy,
    last_used: null,
    enabled: true,
  }
}
