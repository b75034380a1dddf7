import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, immutable, invalid, notSupported } from '../../../kube/field-errors.ts'
import { GoStruct } from '../../../kube/go-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, number, setDefault, text } from './fields.ts'
import { aboveHundred, figure, intOrPercent, nonNegative } from './numbers.ts'
import { defaultTemplate } from './pod-defaults.ts'
import { podSpecErrors } from './pod-validation.ts'
import { restartPolicyErrors, workloadTemplateErrors } from './selector.ts'
import { templateMetadataErrors } from './template.ts'

/** Rules of apps/v1 Deployments. */
export const deploymentStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'replicas', 1)
    const strategy = ensure(spec, 'strategy')
    setDefault(strategy, 'type', 'RollingUpdate')
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = ensure(strategy, 'rollingUpdate')
      setDefault(rolling, 'maxUnavailable', '25%')
      setDefault(rolling, 'maxSurge', '25%')
    }
    setDefault(spec, 'revisionHistoryLimit', 10)
    setDefault(spec, 'progressDeadlineSeconds', 600)
    defaultTemplate(spec)
  },
  prepareCreate(object) {
    object['status'] = {}
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? {}
  },
  validateCreate: object => specErrors(object),
  validateUpdate(object, old) {
    const errors = specErrors(object)
    const [selector, before] = [specOf(object)['selector'], specOf(old)['selector']]
    if (!jsonEqual(selector, before)) errors.push(invalid('spec.selector', selector ?? null, immutable))
    return errors
  },
  validateStatusUpdate: object => statusErrors(child(object, 'status') ?? {}),
  // Annotations count, too: the deployment controller copies them to replica sets.
  hasGeneration: true,
  generationFields: ['spec', 'metadata.annotations'],
}

function specOf(object: KubeObject): Fields {
  return child(object, 'spec') ?? {}
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = specOf(object)
  const errors = nonNegative(spec, ['replicas'], 'spec')
  errors.push(...workloadTemplateErrors(spec, 'empty selector is invalid for deployment'))
  const template = child(spec, 'template')
  errors.push(...templateMetadataErrors(template, 'spec.template'))
  errors.push(...podSpecErrors(child(template ?? {}, 'spec'), 'spec.template.spec'))
  errors.push(...restartPolicyErrors(template, 'spec.template'))
  errors.push(...strategyErrors(child(spec, 'strategy') ?? {}, 'spec.strategy'))
  errors.push(...nonNegative(spec, ['minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'], 'spec'))
  const [deadline, ready] = [number(spec, 'progressDeadlineSeconds'), number(spec, 'minReadySeconds') ?? 0]
  if (deadline !== undefined && deadline >= 0 && deadline <= ready) {
    errors.push(invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

function strategyErrors(strategy: Fields, path: string): FieldError[] {
  const rolling = child(strategy, 'rollingUpdate')
  switch (text(strategy, 'type')) {
    case 'Recreate':
      return rolling === undefined
        ? []
        : [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
    case 'RollingUpdate':
      return rollingUpdateErrors(rolling ?? {}, `${path}.rollingUpdate`)
    default: {
      const shown = new GoStruct({ Type: text(strategy, 'type'), RollingUpdate: rolling ?? null })
      return [notSupported(path, shown, ['Recreate', 'RollingUpdate'])]
    }
  }
}

function rollingUpdateErrors(rolling: Fields, path: string): FieldError[] {
  const { maxUnavailable, maxSurge } = rolling
  const errors = [
    ...intOrPercent(maxUnavailable, `${path}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${path}.maxSurge`),
  ]
  if (figure(maxUnavailable) === 0 && figure(maxSurge) === 0) {
    errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  errors.push(...aboveHundred(maxUnavailable, `${path}.maxUnavailable`))
  return errors
}

function statusErrors(status: Fields): FieldError[] {
  const counts = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas']
  const errors = nonNegative(
    status,
    ['observedGeneration', ...counts, 'collisionCount', 'terminatingReplicas'],
    'status',
  )
  const of = (field: string): number => number(status, field) ?? 0
  for (const field of ['updatedReplicas', 'readyReplicas', 'availableReplicas']) {
    if (of(field) > of('replicas')) {
      errors.push(invalid(`status.${field}`, of(field), 'cannot be greater than status.replicas'))
    }
  }
  if (of('availableReplicas') > of('readyReplicas')) {
    const rule = 'cannot be greater than readyReplicas'
    errors.push(invalid('status.availableReplicas', of('availableReplicas'), rule))
  }
  return errors
}
