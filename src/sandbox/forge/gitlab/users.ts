import { accountByLogin } from '../accounts.ts'
import type { RestRequest, Route } from '../rest/answer.ts'
import { needScope } from './guard.ts'
import { paged } from './paged.ts'
import { selfView, stamp, userView } from './views.ts'

const reading = ['api', 'read_api', 'read_user'] as const

/** Users, the token that asks, and the version. */
export const userRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/version',
    handle: request => {
      needScope(request, ...reading)
      return { body: { version: '18.5.0', revision: '0000000000a' } }
    },
  },
  { method: 'GET', path: '/personal_access_tokens/self', handle: showToken },
  {
    method: 'GET',
    path: '/user',
    handle: request => ({ body: selfView(request.context, needScope(request, ...reading).user) }),
  },
  {
    method: 'GET',
    path: '/users',
    handle: request => {
      needScope(request, ...reading)
      const name = request.url.searchParams.get('username') ?? ''
      const found = accountByLogin(request.context.store, name)
      return paged(request, found?.kind === 'user' ? [userView(request.context, found)] : [])
    },
  },
]

/** Every token may ask about itself, whatever its scopes. */
function showToken(request: RestRequest): { body: unknown } {
  const { caller } = request
  const { token, user } = needScope(request, ...(caller.kind === 'known' ? caller.token.scopes : []))
  return {
    body: {
      id: token.id,
      name: token.name ?? 'token',
      revoked: false,
      created_at: stamp(token.createdAt),
      description: null,
      scopes: token.scopes,
      user_id: user.id,
      last_used_at: stamp(token.createdAt),
      active: true,
      expires_at: token.expiresAt?.slice(0, 10) ?? null,
    },
  }
}
