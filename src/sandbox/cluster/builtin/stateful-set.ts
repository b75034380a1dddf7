import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, setDefault, text } from './fields.ts'
import { nonNegative } from './numbers.ts'
import { defaultTemplate } from './pod-defaults.ts'
import { podSpecErrors } from './pod-validation.ts'
import { restartPolicyErrors, workloadTemplateErrors } from './selector.ts'
import { templateMetadataErrors } from './template.ts'

/** What of a StatefulSet's spec may change. */
const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]

/** Rules of apps/v1 StatefulSets. */
export const statefulSetStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'podManagementPolicy', 'OrderedReady')
    const update = ensure(spec, 'updateStrategy')
    setDefault(update, 'type', 'RollingUpdate')
    if (update['type'] === 'RollingUpdate') setDefault(ensure(update, 'rollingUpdate'), 'partition', 0)
    const retention = ensure(spec, 'persistentVolumeClaimRetentionPolicy')
    setDefault(retention, 'whenDeleted', 'Retain')
    setDefault(retention, 'whenScaled', 'Retain')
    setDefault(spec, 'replicas', 1)
    setDefault(spec, 'revisionHistoryLimit', 10)
    defaultTemplate(spec)
    for (const claim of items(spec, 'volumeClaimTemplates')) {
      setDefault(claim, 'kind', 'PersistentVolumeClaim')
      setDefault(claim, 'apiVersion', 'v1')
      setDefault(ensure(claim, 'spec'), 'volumeMode', 'Filesystem')
      setDefault(ensure(claim, 'status'), 'phase', 'Pending')
    }
  },
  prepareCreate(object) {
    object['status'] = { replicas: 0, availableReplicas: 0 }
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? { replicas: 0, availableReplicas: 0 }
  },
  validateCreate: specErrors,
  validateUpdate(object, old) {
    const errors = specErrors(object)
    if (!jsonEqual(fixedPart(object), fixedPart(old))) {
      const list = `${mutable
        .slice(0, -1)
        .map(field => `'${field}'`)
        .join(', ')} and '${mutable.at(-1)}'`
      errors.push(forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`))
    }
    return errors
  },
  validateStatusUpdate: object =>
    nonNegative(
      child(object, 'status'),
      ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'observedGeneration'],
      'status',
    ),
  hasGeneration: true,
}

function fixedPart(object: KubeObject): Fields {
  const rest = { ...child(object, 'spec') }
  for (const field of mutable) delete rest[field]
  return rest
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors: FieldError[] = []
  const management = text(spec, 'podManagementPolicy')
  if (management === '') errors.push(required('spec.podManagementPolicy'))
  else if (management !== 'OrderedReady' && management !== 'Parallel') {
    errors.push(notSupported('spec.podManagementPolicy', management, ['OrderedReady', 'Parallel']))
  }
  const update = child(spec, 'updateStrategy') ?? {}
  const type = text(update, 'type')
  if (type === 'OnDelete') {
    if (update['rollingUpdate']) {
      errors.push(forbidden('spec.updateStrategy.rollingUpdate', "only allowed for updateStrategy 'RollingUpdate'"))
    }
  } else if (type !== 'RollingUpdate') {
    errors.push(notSupported('spec.updateStrategy', type, ['RollingUpdate', 'OnDelete']))
  }
  errors.push(...nonNegative(child(update, 'rollingUpdate'), ['partition'], 'spec.updateStrategy.rollingUpdate'))
  errors.push(...nonNegative(spec, ['replicas', 'minReadySeconds', 'revisionHistoryLimit'], 'spec'))
  const template = child(spec, 'template')
  errors.push(...workloadTemplateErrors(spec, 'empty selector is invalid for statefulset'))
  errors.push(...templateMetadataErrors(template, 'spec.template'))
  errors.push(...podSpecErrors(child(template ?? {}, 'spec'), 'spec.template.spec').filter(notMountOfClaim(spec)))
  errors.push(...restartPolicyErrors(template, 'spec.template'))
  return errors
}

/** Mounts may name claims of the set, which become volumes of its pods. */
function notMountOfClaim(spec: Fields): (error: FieldError) => boolean {
  const claims = new Set(items(spec, 'volumeClaimTemplates').map(claim => text(child(claim, 'metadata'), 'name')))
  return error => error.type !== 'FieldValueNotFound' || !claims.has(String(error.value))
}
