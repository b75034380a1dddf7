import { loopbackUser } from './auth/user.ts'
import type { ClusterState } from './cluster-state.ts'
import { recordKey } from './store/record.ts'
import { createObject } from './write/create.ts'

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** Makes the objects that every cluster has from its first moment, where they are missing. */
export async function ensureFirstObjects(cluster: ClusterState): Promise<void> {
  for (const name of namespaces) await ensure(cluster, 'v1', 'Namespace', '', { name })
  await cluster.store.settled()
}

async function ensure(
  cluster: ClusterState,
  apiVersion: string,
  kindName: string,
  namespace: string,
  metadata: { name: string },
  rest: Record<string, unknown> = {},
): Promise<void> {
  const kind = cluster.kinds.byKind(apiVersion, kindName)
  if (!kind || cluster.store.collection(kind.collection).get(recordKey(namespace, metadata.name))) return
  const options = { dryRun: false, manager: 'kube-apiserver', fieldValidation: 'Ignore', force: false } as const
  await createObject(
    cluster,
    { kind, namespace, name: '', subresource: '', user: loopbackUser, options, warnings: [] },
    { apiVersion, kind: kindName, metadata, ...rest },
  )
}
