import type { IncomingMessage } from 'node:http'
import type { GroupVersions, KindRegistry } from '../kinds/registry.ts'

/** `/api`: the versions of the core group. */
export function apiVersions(http: IncomingMessage): Record<string, unknown> {
  const serverAddress = http.headers.host ?? `${http.socket.localAddress}:${http.socket.localPort}`
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  }
}

/** `/apis`: all groups. */
export function apiGroupList(kinds: KindRegistry): Record<string, unknown> {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: namedGroups(kinds).map(groupBody) }
}

/** `/apis/GROUP`; undefined when there is no such group. */
export function apiGroup(kinds: KindRegistry, name: string): Record<string, unknown> | undefined {
  const found = namedGroups(kinds).find(({ group }) => group === name)
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(found) }
}

/** All groups but the core group. */
export function namedGroups(kinds: KindRegistry): GroupVersions[] {
  return kinds.groups().filter(({ group }) => group !== '')
}

function groupBody({ group, versions }: GroupVersions): Record<string, unknown> {
  const all = versions.map(version => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions: all, preferredVersion: all[0] }
}
