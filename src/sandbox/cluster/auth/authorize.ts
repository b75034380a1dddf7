import { forbidden, StatusError } from '../http/status.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import { mayDo } from './rbac.ts'
import type { User } from './user.ts'

/** Throws 403 when the user may not do it. */
export function authorize(store: Store, user: User, attempt: Attempt): void {
  if (mayDo(store, user, attempt)) return
  const who = `User ${JSON.stringify(user.name)}`
  if (attempt.type === 'path') {
    throw new StatusError(
      403,
      'Forbidden',
      `forbidden: ${who} cannot ${attempt.verb} path ${JSON.stringify(attempt.path)}`,
      {},
    )
  }
  const { verb, group, resource, subresource, namespace, name } = attempt
  const what = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`
  const why = `${who} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`
  throw forbidden({ group, resource, name }, why)
}
