import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { immutable, invalid, notSupported } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, setDefault, text } from './fields.ts'
import { figure, intOrPercent, nonNegative } from './numbers.ts'
import { defaultTemplate } from './pod-defaults.ts'
import { podSpecErrors } from './pod-validation.ts'
import { restartPolicyErrors, workloadTemplateErrors } from './selector.ts'
import { templateMetadataErrors } from './template.ts'

const emptyStatus = (): Record<string, number> => ({
  currentNumberScheduled: 0,
  numberMisscheduled: 0,
  desiredNumberScheduled: 0,
  numberReady: 0,
})

/** The number of template changes, which the API shows as an annotation. */
const templateGeneration = 'deprecated.daemonset.template.generation'

/** Rules of apps/v1 DaemonSets. */
export const daemonSetStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    const update = ensure(spec, 'updateStrategy')
    setDefault(update, 'type', 'RollingUpdate')
    if (update['type'] === 'RollingUpdate') {
      const rolling = ensure(update, 'rollingUpdate')
      setDefault(rolling, 'maxUnavailable', 1)
      setDefault(rolling, 'maxSurge', 0)
    }
    setDefault(spec, 'revisionHistoryLimit', 10)
    defaultTemplate(spec)
    object.metadata.annotations = { [templateGeneration]: '0', ...object.metadata.annotations }
  },
  prepareCreate(object) {
    object['status'] = emptyStatus()
    object.metadata.annotations = { ...object.metadata.annotations, [templateGeneration]: '1' }
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? emptyStatus()
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 0)
    const same = jsonEqual(child(object, 'spec')?.['template'], child(old, 'spec')?.['template'])
    const generation = String(same ? before : before + 1)
    object.metadata.annotations = { ...object.metadata.annotations, [templateGeneration]: generation }
  },
  validateCreate: specErrors,
  validateUpdate(object, old) {
    const [selector, before] = [child(object, 'spec')?.['selector'], child(old, 'spec')?.['selector']]
    const errors = specErrors(object)
    if (!jsonEqual(selector, before)) errors.push(invalid('spec.selector', selector ?? null, immutable))
    return errors
  },
  validateStatusUpdate: object => nonNegative(child(object, 'status'), Object.keys(emptyStatus()), 'status'),
  hasGeneration: true,
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const template = child(spec, 'template')
  const errors = workloadTemplateErrors(spec, 'empty selector is invalid for daemonset')
  errors.push(...templateMetadataErrors(template, 'spec.template'))
  errors.push(...podSpecErrors(child(template ?? {}, 'spec'), 'spec.template.spec'))
  errors.push(...restartPolicyErrors(template, 'spec.template'))
  errors.push(...nonNegative(spec, ['minReadySeconds', 'revisionHistoryLimit'], 'spec'))
  const update = child(spec, 'updateStrategy') ?? {}
  const type = text(update, 'type')
  if (type !== 'RollingUpdate' && type !== 'OnDelete') {
    errors.push(notSupported('spec.updateStrategy.type', type, ['RollingUpdate', 'OnDelete']))
  }
  const rolling = child(update, 'rollingUpdate')
  if (type !== 'RollingUpdate' || rolling === undefined) return errors
  const path = 'spec.updateStrategy.rollingUpdate'
  const { maxUnavailable, maxSurge } = rolling
  errors.push(...intOrPercent(maxUnavailable, `${path}.maxUnavailable`), ...intOrPercent(maxSurge, `${path}.maxSurge`))
  if (figure(maxUnavailable) > 0 && figure(maxSurge) > 0) {
    errors.push(invalid(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'))
  } else if (figure(maxUnavailable) === 0 && figure(maxSurge) === 0) {
    errors.push({
      type: 'FieldValueRequired',
      field: `${path}.maxUnavailable`,
      detail: 'cannot be 0 when maxSurge is 0',
    })
  }
  return errors
}
