import type { KubeObject } from '../object.ts'
import { textAt } from './fields.ts'
import { current, inProgress } from './result.ts'
import type { Health } from './types.ts'

/** `Service`: only a load balancer is waited for, and only for its cluster IP, not for an address from outside. */
export function serviceHealth(object: KubeObject): Health {
  const type = textAt(object, ['spec', 'type'], 'ClusterIP')
  if (type === 'LoadBalancer' && textAt(object, ['spec', 'clusterIP']) === '') {
    return inProgress('NoIPAssigned', `ClusterIP not set. Service type: ${type}`)
  }
  return current('Service is ready')
}

/** `PersistentVolumeClaim`: until it is bound. */
export function claimHealth(object: KubeObject): Health {
  const phase = textAt(object, ['status', 'phase'], 'unknown')
  if (phase !== 'Bound') return inProgress('NotBound', `PVC is not Bound. phase: ${phase}`)
  return current('PVC is Bound')
}
