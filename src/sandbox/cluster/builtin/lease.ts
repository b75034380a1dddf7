import type { FieldError } from '../../../kube/field-error.ts'
import { invalid } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, number } from './fields.ts'
import { nonNegative } from './numbers.ts'

/** Rules of coordination.k8s.io/v1 Leases. */
export const leaseStrategy: KindStrategy = {
  applyDefaults(object) {
    ensure(object, 'spec')
  },
  validateCreate: specErrors,
  validateUpdate: specErrors,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  hasGeneration: false,
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec')
  const errors: FieldError[] = []
  const duration = number(spec, 'leaseDurationSeconds')
  if (duration !== undefined && duration <= 0) {
    errors.push(invalid('spec.leaseDurationSeconds', duration, 'must be greater than 0'))
  }
  return [...errors, ...nonNegative(spec, ['leaseTransitions'], 'spec')]
}
