import type { ClusterState } from '../cluster-state.ts'
import type { Verb } from '../http/request.ts'
import { StatusError } from '../http/status.ts'
import type { ServedKind } from '../kinds/registry.ts'
import { isMaster, type User } from './user.ts'

/** What somebody wants to do. */
export type Attempt =
  | { readonly type: 'path'; readonly method: string; readonly path: string }
  | {
      readonly type: 'resource'
      readonly verb: Verb
      readonly kind: ServedKind
      readonly namespace: string
      readonly name: string
      readonly subresource: string
    }

/** Throws 403 when the user may not do it. */
export function authorize(_cluster: ClusterState, user: User, attempt: Attempt): void {
  if (isMaster(user)) return
  throw new StatusError(
    403,
    'Forbidden',
    `forbidden: User "${user.name}" cannot ${attempt.type === 'path' ? attempt.method.toLowerCase() : attempt.verb}`,
  )
}
