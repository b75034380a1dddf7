/** Who makes a request. */
export interface User {
  readonly name: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** May do everything, as the group `system:masters` is bound to `cluster-admin` in code (never by a binding). */
export function isMaster(user: User): boolean {
  return user.groups.includes('system:masters')
}

export const anonymous: User = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'], extra: {} }

/** The server's own parts: controllers that write to the cluster. */
export const loopbackUser: User = { name: 'system:apiserver', uid: '', groups: ['system:masters'], extra: {} }
