import type { FieldError } from '../../../kube/field-error.ts'
import { invalid } from '../../../kube/field-errors.ts'
import { GoStruct } from '../../../kube/go-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child } from './fields.ts'
import { aboveHundred, intOrPercent } from './numbers.ts'
import { selectorErrors } from './selector.ts'

const emptyStatus = (): Record<string, number> => ({
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
})

/** Rules of policy/v1 PodDisruptionBudgets. */
export const disruptionBudgetStrategy: KindStrategy = {
  prepareCreate(object) {
    object['status'] = emptyStatus()
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? emptyStatus()
  },
  validateCreate: specErrors,
  validateUpdate: specErrors,
  allowUnconditionalUpdate: false,
  hasGeneration: true,
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const { minAvailable, maxUnavailable } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = new GoStruct({
      MinAvailable: minAvailable,
      Selector: spec['selector'] ?? null,
      MaxUnavailable: maxUnavailable,
    })
    errors.push(invalid('spec', shown, 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const field of ['minAvailable', 'maxUnavailable']) {
    errors.push(...intOrPercent(spec[field], `spec.${field}`), ...aboveHundred(spec[field], `spec.${field}`))
  }
  errors.push(...selectorErrors(child(spec, 'selector'), 'spec.selector'))
  return errors
}
