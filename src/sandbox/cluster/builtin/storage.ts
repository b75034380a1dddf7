import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { parseQuantity } from '../../../kube/structural/quantity.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, setDefault, text, texts } from './fields.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** Rules of core/v1 PersistentVolumeClaims. */
export const claimStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'volumeMode', 'Filesystem')
  },
  prepareCreate(object) {
    object['status'] = { phase: 'Pending' }
    // The admission plugin StorageObjectInUseProtection.
    object.metadata.finalizers = withFinalizer(object, 'kubernetes.io/pvc-protection')
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? { phase: 'Pending' }
  },
  validateCreate: claimErrors,
  validateUpdate(object, old) {
    const errors = claimErrors(object)
    const [now, before] = [child(object, 'spec') ?? {}, child(old, 'spec') ?? {}]
    if (!jsonEqual(fixedPart(now), fixedPart(before))) {
      const rule =
        'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
      errors.push(forbidden('spec', rule))
    }
    const [asked, was] = [requested(now), requested(before)]
    if (asked !== undefined && was !== undefined && asked < was) {
      errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
    }
    return errors
  },
  returnsDeleted: true,
  hasGeneration: false,
}

function withFinalizer(object: KubeObject, finalizer: string): string[] {
  const own = object.metadata.finalizers ?? []
  return own.includes(finalizer) ? own : [...own, finalizer]
}

function requested(spec: Fields): bigint | undefined {
  const value = child(child(spec, 'resources') ?? {}, 'requests')?.['storage']
  return typeof value === 'string' ? parseQuantity(value) : undefined
}

function fixedPart(spec: Fields): Fields {
  const { resources: _, volumeAttributesClassName: __, ...rest } = spec
  // Binding a claim writes its volume's name.
  const { volumeName: ___, storageClassName: ____, ...fixed } = rest
  return fixed
}

function claimErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors: FieldError[] = []
  const modes = texts(spec, 'accessModes')
  if (modes.length === 0) errors.push(required('spec.accessModes', 'at least 1 access mode is required'))
  for (const mode of modes)
    if (!accessModes.includes(mode)) errors.push(notSupported('spec.accessModes', mode, accessModes))
  const storage = requested(spec)
  if (storage === undefined) errors.push(required('spec.resources[storage]'))
  else if (storage <= 0n) {
    const value = child(child(spec, 'resources') ?? {}, 'requests')?.['storage']
    errors.push(invalid('spec.resources[storage]', value, 'must be greater than zero'))
  }
  return errors
}

/** Rules of core/v1 PersistentVolumes. */
export const volumeStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain')
    setDefault(spec, 'volumeMode', 'Filesystem')
  },
  prepareCreate(object) {
    object['status'] = { phase: 'Pending' }
    object.metadata.finalizers = withFinalizer(object, 'kubernetes.io/pv-protection')
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? { phase: 'Pending' }
  },
  validateCreate(object) {
    const spec = child(object, 'spec') ?? {}
    const errors: FieldError[] = []
    if (texts(spec, 'accessModes').length === 0) errors.push(required('spec.accessModes'))
    if (Object.keys(child(spec, 'capacity') ?? {}).length === 0) errors.push(required('spec.capacity'))
    return errors
  },
  returnsDeleted: true,
  hasGeneration: false,
}

/** Rules of storage.k8s.io/v1 StorageClasses. */
export const storageClassStrategy: KindStrategy = {
  applyDefaults(object) {
    setDefault(object, 'reclaimPolicy', 'Delete')
    setDefault(object, 'volumeBindingMode', 'Immediate')
  },
  validateCreate(object) {
    return text(object, 'provisioner') === '' ? [required('provisioner')] : []
  },
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
      if (jsonEqual(object[field] ?? {}, old[field] ?? {})) continue
      if (field === 'parameters' || field === 'provisioner') {
        errors.push(forbidden(field, `updates to ${field} are forbidden.`))
      } else errors.push(invalid(field, object[field] ?? null, 'field is immutable'))
    }
    return errors
  },
  hasGeneration: false,
}
