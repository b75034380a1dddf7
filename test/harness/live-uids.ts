import type { KubeClient } from '../../src/kube/client/types.ts'
import { refKey } from '../../src/kube/identity.ts'

/** Kinds that come and go by themselves. */
const passing = new Set(['Event', 'Lease', 'Pod', 'ReplicaSet', 'Endpoints', 'EndpointSlice', 'ControllerRevision'])

/** The uid of every object in a cluster, but those that come and go by themselves. */
export async function liveUids(client: KubeClient): Promise<Map<string, string>> {
  client.invalidateDiscovery()
  const kinds = (await client.resources()).filter(({ kind, verbs }) => !passing.has(kind) && verbs.includes('list'))
  const lists = await Promise.all(
    kinds.map(async ({ group, version, kind }) => ({
      ...{ group, kind, items: (await client.list({ group, version, kind })).items },
    })),
  )
  const uids = new Map<string, string>()
  for (const { group, kind, items } of lists)
    for (const { metadata } of items) {
      const { namespace = '', name = '', uid = '' } = metadata
      uids.set(refKey({ group, kind, namespace, name }), uid)
    }
  return uids
}

/** What of `before` is gone or was made anew. */
export function lostSince(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before].filter(([key, uid]) => after.get(key) !== uid).map(([key]) => key)
}
