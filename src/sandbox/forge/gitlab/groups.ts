import { accountById } from '../accounts.ts'
import { RestFailure, type Route } from '../rest/answer.ts'
import { groupLevel, needGroup, needScope } from './guard.ts'
import { groupView, stamp, userView } from './views.ts'

/** Groups. */
export const groupRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/groups/:id',
    handle: request => {
      const caller = needScope(request, 'api', 'read_api')
      return { body: groupView(request.context, needGroup(request, caller)) }
    },
  },
  {
    method: 'GET',
    path: '/groups/:id/members/all/:user',
    handle: request => {
      const caller = needScope(request, 'api', 'read_api')
      const group = needGroup(request, caller)
      const user = accountById(request.context.store, Number(request.params['user']))
      const level = user ? groupLevel(request.context, group, user.id) : 0
      if (!user || level === 0) throw new RestFailure(404, '404 Not found')
      return {
        body: {
          ...userView(request.context, user),
          access_level: level,
          created_at: stamp(user.createdAt),
          expires_at: null,
          membership_state: 'active',
        },
      }
    },
  },
]
