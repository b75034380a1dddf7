import type { IncomingMessage } from 'node:http'
import { badRequest } from '../http/status.ts'
import type { Store } from '../store/store.ts'
import { authorize } from './authorize.ts'
import { serviceAccountGroups, serviceAccountOf, type User } from './user.ts'

/**
 * The user that a request is made as: with `Impersonate-User` and its companions another one than its sender, who must be
 * allowed to. Contract: Kubernetes documentation, "User impersonation".
 */
export function impersonate(store: Store, http: IncomingMessage, sender: User): User {
  const name = http.headers['impersonate-user']
  const groups = valuesOf(http, 'impersonate-group')
  const uid = http.headers['impersonate-uid']
  const extra = extrasOf(http)
  if (typeof name !== 'string' || name === '') {
    if (groups.length > 0 || uid !== undefined || Object.keys(extra).length > 0) {
      throw badRequest('requested to impersonate groups, a uid or extra fields without impersonating a user')
    }
    return sender
  }
  const may = (group: string, resource: string, namespace: string, what: string, subresource = '') =>
    authorize(store, sender, {
      type: 'resource',
      verb: 'impersonate',
      group,
      resource,
      subresource,
      namespace,
      name: what,
    })
  const account = serviceAccountOf(name)
  if (account) may('', 'serviceaccounts', account.namespace, account.name)
  else may('', 'users', '', name)
  for (const group of groups) may('', 'groups', '', group)
  if (typeof uid === 'string') may('authentication.k8s.io', 'uids', '', uid)
  for (const [key, values] of Object.entries(extra))
    for (const value of values) may('authentication.k8s.io', 'userextras', '', value, key)
  return { name, uid: typeof uid === 'string' ? uid : '', groups: groupsOf(name, groups), extra }
}

function groupsOf(name: string, asked: readonly string[]): string[] {
  const account = serviceAccountOf(name)
  if (account && asked.length === 0) return serviceAccountGroups(account.namespace)
  if (name === 'system:anonymous' || asked.includes('system:unauthenticated'))
    return [...new Set([...asked, 'system:unauthenticated'])]
  return asked.includes('system:authenticated') ? [...asked] : [...asked, 'system:authenticated']
}

/** Every value of a header that may come more than once; Node joins them with commas, which names may contain. */
function valuesOf(http: IncomingMessage, header: string): string[] {
  const values: string[] = []
  for (let i = 0; i < http.rawHeaders.length; i += 2) {
    if (http.rawHeaders[i]!.toLowerCase() === header) values.push(http.rawHeaders[i + 1]!)
  }
  return values
}

function extrasOf(http: IncomingMessage): Record<string, string[]> {
  const prefix = 'impersonate-extra-'
  const extra: Record<string, string[]> = {}
  for (const header of Object.keys(http.headers)) {
    if (!header.startsWith(prefix)) continue
    let key = header.slice(prefix.length)
    try {
      key = decodeURIComponent(key)
    } catch {
      throw badRequest(`malformed header ${header}`)
    }
    extra[key] = valuesOf(http, header)
  }
  return extra
}
