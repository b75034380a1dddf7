/** Who makes a request. */
export interface User {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

const serviceAccount = /^system:serviceaccount:([^:]+):([^:]+)$/

/** May do everything: the group `system:masters` is bound in code, so that no binding can lock the administrator out. */
export function isMaster(user: User): boolean {
  return user.groups.includes('system:masters')
}

/** The user name of a service account. */
export function serviceAccountName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`
}

/** Namespace and name of the service account behind a user name; undefined for other users. */
export function serviceAccountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const match = serviceAccount.exec(user)
  return match ? { namespace: match[1]!, name: match[2]! } : undefined
}

/** The groups that every service account of a namespace is in. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

/** A user in the form of `authentication.k8s.io/v1 UserInfo`. */
export function userInfo({ name, uid, groups, extra }: User): Record<string, unknown> {
  const info: Record<string, unknown> = { username: name }
  if (uid !== '') info['uid'] = uid
  if (groups.length > 0) info['groups'] = groups
  if (Object.keys(extra).length > 0) info['extra'] = extra
  return info
}

/** The server's own parts: controllers that write to the cluster. */
export const loopbackUser: User = { name: 'system:apiserver', uid: '', groups: ['system:masters'], extra: {} }
