import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { forbidden } from '../http/status.ts'
import type { Store } from '../store/store.ts'
import type { WriteRequest } from './write-request.ts'

/**
 * What a new pod needs of other objects: its service account (admission plugin ServiceAccount) and its priority class
 * (plugin Priority), from which it gets its priority. In place; throws 403.
 */
export function admitPod(store: Store, request: WriteRequest, pod: KubeObject): void {
  const { spec } = pod
  if (!isObject(spec)) return
  const subject = { group: '', resource: 'pods', name: pod.metadata.name ?? '' }
  const account = String(spec['serviceAccountName'] || 'default')
  if (!store.collection('serviceaccounts').get(`${request.namespace}/${account}`)) {
    throw forbidden(
      subject,
      `error looking up service account ${request.namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`,
    )
  }
  const className = spec['priorityClassName']
  if (typeof className !== 'string' || className === '') return
  const found = store.collection('priorityclasses.scheduling.k8s.io').get(className)
  if (!found) throw forbidden(subject, `no PriorityClass with name ${className} was found`)
  spec['priority'] = found.object['value'] ?? 0
  spec['preemptionPolicy'] = found.object['preemptionPolicy'] ?? 'PreemptLowerPriority'
}
