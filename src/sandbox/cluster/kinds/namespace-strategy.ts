import { isObject } from '../../../base/json.ts'
import type { KindStrategy } from './types.ts'

const immortal = new Set(['default', 'kube-public', 'kube-system'])

/** How namespaces die: held by the finalizers in their spec, marked by a phase; some cannot be deleted at all. */
export const namespaceLifecycle: KindStrategy = {
  isHeld(object) {
    const { spec } = object
    return isObject(spec) && Array.isArray(spec['finalizers']) && spec['finalizers'].length > 0
  },
  markDeleted(object) {
    delete object.metadata.deletionGracePeriodSeconds
    object['status'] = { ...(isObject(object['status']) ? object['status'] : {}), phase: 'Terminating' }
  },
  undeletable: object => (immortal.has(object.metadata.name ?? '') ? 'this namespace may not be deleted' : undefined),
  returnsDeleted: true,
}
