import type { KubeObject } from '../object.ts'
import { conditionsOf } from './fields.ts'
import { current, failed, inProgress } from './result.ts'
import type { Health } from './types.ts'

/** `apiextensions.k8s.io/CustomResourceDefinition`: until its names are accepted and it is established. */
export function crdHealth(object: KubeObject): Health {
  for (const { type, status, reason = '', message = '' } of conditionsOf(object)) {
    if (type === 'NamesAccepted' && status === 'False') return failed(reason, message)
    if (type !== 'Established') continue
    if (status === 'False' && reason !== 'Installing') return failed(reason, message)
    if (status === 'True') return current('CRD is established')
  }
  return inProgress('Installing', 'Install in progress')
}
