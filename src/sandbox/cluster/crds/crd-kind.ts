import { isObject } from '../../../base/json.ts'
import { validateCrd, validateCrdUpdate } from '../../../kube/structural/index.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { type CrdNames, specOf, statusOf } from './crd.ts'

/** The rules of CustomResourceDefinition itself. */
export const crdStrategy: KindStrategy = {
  applyDefaults(object) {
    const { spec } = object
    if (!isObject(spec)) return
    if (isObject(spec['names'])) spec['names'] = defaultNames(spec['names'])
    spec['conversion'] ??= { strategy: 'None' }
  },
  prepareCreate(object) {
    object['status'] = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: (specOf(object).versions ?? [])
        .filter(version => version.storage)
        .map(version => version.name)
        .slice(0, 1),
    }
  },
  prepareUpdate(object, old) {
    const status = { ...statusOf(old) }
    const stored = (specOf(object).versions ?? []).find(version => version.storage)?.name
    const before = status.storedVersions ?? []
    if (stored !== undefined && !before.includes(stored)) status.storedVersions = [...before, stored]
    object['status'] = status
  },
  validateCreate: object => validateCrd(object),
  validateUpdate: (object, old) => validateCrdUpdate(object, old),
  allowUnconditionalUpdate: false,
  hasGeneration: true,
}

function defaultNames(names: CrdNames): CrdNames {
  const kind = names.kind ?? ''
  const filled: CrdNames = { ...names }
  filled.singular ||= kind.toLowerCase()
  if (kind !== '') filled.listKind ||= `${kind}List`
  return filled
}
