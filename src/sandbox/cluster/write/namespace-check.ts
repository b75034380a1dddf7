import type { KubeObject } from '../../../kube/object.ts'
import type { ClusterState } from '../cluster-state.ts'
import { forbidden, notFound, StatusError } from '../http/status.ts'
import type { WriteRequest } from './write-request.ts'

/** Refuses new objects in namespaces that are not there or are being deleted (admission plugin NamespaceLifecycle). */
export function requireNamespace(cluster: ClusterState, request: WriteRequest, object: KubeObject): void {
  const { definition } = request.kind
  if (!definition.namespaced) return
  const namespace = cluster.store.collection('namespaces').get(request.namespace)
  if (!namespace) throw notFound({ group: '', resource: 'namespaces', name: request.namespace })
  if (namespace.object.metadata.deletionTimestamp === undefined) return
  const subject = { group: definition.group, resource: definition.plural, name: object.metadata.name ?? '' }
  const refusal = forbidden(
    subject,
    `unable to create new content in namespace ${request.namespace} because it is being terminated`,
  )
  throw new StatusError(403, 'Forbidden', refusal.message, {
    ...refusal.status.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${request.namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  })
}
