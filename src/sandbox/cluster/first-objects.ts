import type { KubeObject } from '../../kube/object.ts'
import { firstRoles } from './auth/first-roles.ts'
import type { ClusterState } from './cluster-state.ts'
import { recordKey } from './store/record.ts'
import { createObject } from './write/create.ts'
import { internalWrite } from './write/internal.ts'
import { asTyped } from './write/typed.ts'

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** The address of the API server inside a cluster: the first one of the usual service network. */
const apiService = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    sessionAffinity: 'None',
  },
}

const priorityClasses = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
]

/** Makes the objects that every cluster has from its first moment, where they are missing. */
export async function ensureFirstObjects(cluster: ClusterState): Promise<void> {
  for (const name of namespaces) await ensure(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  await ensure(cluster, apiService)
  for (const object of firstRoles) await ensure(cluster, object)
  for (const { name, ...rest } of priorityClasses) {
    await ensure(cluster, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, ...rest })
  }
  await cluster.store.settled()
}

async function ensure(cluster: ClusterState, object: KubeObject): Promise<void> {
  const kind = cluster.kinds.byKind(object.apiVersion, object.kind)
  const { name = '', namespace = '' } = object.metadata
  if (!kind || cluster.store.collection(kind.collection).get(recordKey(namespace, name))) return
  const typed = asTyped(kind, object, message => new Error(message)).object
  try {
    await createObject(cluster, { ...internalWrite(kind, namespace, '', 'kube-apiserver'), trusted: true }, typed)
  } catch (error) {
    // A cluster without one of these is better than none.
    cluster.logger.warn('a first object was not made', { kind: object.kind, name, error: String(error) })
  }
}
