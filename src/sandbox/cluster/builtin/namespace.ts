import { labelName } from '../../../kube/structural/names.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child } from './fields.ts'

/** Rules of core/v1 Namespaces. */
export const namespaceStrategy: KindStrategy = {
  nameRule: labelName,
  applyDefaults(object) {
    if (object.metadata.name) {
      object.metadata.labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name }
    }
  },
  prepareCreate(object) {
    object['spec'] = { finalizers: ['kubernetes'] }
    object['status'] = { phase: 'Active' }
  },
  prepareUpdate(object, old) {
    object['spec'] = { ...child(object, 'spec'), finalizers: child(old, 'spec')?.['finalizers'] }
    object['status'] = old['status']
  },
  markDeleted(object) {
    object['status'] = { ...child(object, 'status'), phase: 'Terminating' }
  },
  hasGeneration: false,
}
