import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { immutable, invalid } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, setDefault } from './fields.ts'
import { nonNegative } from './numbers.ts'
import { defaultTemplate } from './pod-defaults.ts'
import { podSpecErrors } from './pod-validation.ts'
import { restartPolicyErrors, workloadTemplateErrors } from './selector.ts'
import { templateMetadataErrors } from './template.ts'

/** Rules of apps/v1 ReplicaSets. */
export const replicaSetStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'replicas', 1)
    defaultTemplate(spec)
  },
  prepareCreate(object) {
    object['status'] = { replicas: 0 }
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? { replicas: 0 }
  },
  validateCreate: specErrors,
  validateUpdate(object, old) {
    const [selector, before] = [child(object, 'spec')?.['selector'], child(old, 'spec')?.['selector']]
    const errors = specErrors(object)
    if (!jsonEqual(selector, before)) errors.push(invalid('spec.selector', selector ?? null, immutable))
    return errors
  },
  validateStatusUpdate: object =>
    nonNegative(
      child(object, 'status'),
      ['replicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
      'status',
    ),
  hasGeneration: true,
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const template = child(spec, 'template')
  return [
    ...nonNegative(spec, ['replicas', 'minReadySeconds'], 'spec'),
    ...workloadTemplateErrors(spec, 'empty selector is invalid for deployment'),
    ...templateMetadataErrors(template, 'spec.template'),
    ...podSpecErrors(child(template ?? {}, 'spec'), 'spec.template.spec'),
    ...restartPolicyErrors(template, 'spec.template'),
  ]
}
