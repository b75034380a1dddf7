import { eksaGroup, eksaKindOf } from '../../specs/index.ts'
import type { AdmissionPlugin } from '../cluster/kinds/types.ts'

/** The rules of EKS Anywhere's webhooks: what they refuse is refused with the field, the value and the rule. */
export function eksaAdmission(): AdmissionPlugin {
  return {
    name: 'eks-anywhere',
    handles: ({ group }) => group === eksaGroup,
    async review({ operation, subresource, object, oldObject }) {
      const kind = object && eksaKindOf(object)
      if (!kind || subresource !== '' || operation === 'DELETE') return {}
      // An object that goes is only relieved of its finalizers.
      if (object.metadata.deletionTimestamp !== undefined) return {}
      const errors = kind.validate(object)
      if (operation === 'UPDATE' && oldObject) errors.push(...kind.validateUpdate(object, oldObject))
      return { fieldErrors: errors, warnings: operation === 'CREATE' ? kind.warnings(object) : [] }
    },
  }
}
