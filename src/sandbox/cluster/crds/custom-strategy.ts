import type { KubeObject } from '../../../kube/object.ts'
import type { Schema } from '../../../kube/schema/types.ts'
import { defaultObject, pruneObject, validateCustomResource } from '../../../kube/structural/index.ts'
import type { KindStrategy } from '../kinds/types.ts'
import type { CrdVersion } from './crd.ts'

/** The rules of a custom kind: its structural schema prunes, defaults and validates. */
export function customStrategy(versions: readonly CrdVersion[]): KindStrategy {
  const schemas = new Map(versions.map(version => [version.name, version.schema?.openAPIV3Schema]))
  const storage = versions.find(version => version.storage)
  const hasStatus = new Set(versions.filter(version => version.subresources?.status).map(version => version.name))
  const storedSchema = storage && schemas.get(storage.name)
  const validate = (object: KubeObject, old?: KubeObject) =>
    storedSchema ? validateCustomResource(storedSchema, object, old) : []
  return {
    applyDefaults(object, version) {
      const schema = schemas.get(version)
      if (schema) pruneAndDefault(schema, object)
    },
    prepareCreate(object) {
      if (storage && hasStatus.has(storage.name)) delete object['status']
    },
    validateCreate: object => validate(object),
    validateUpdate: validate,
    validateStatusUpdate: validate,
    allowUnconditionalUpdate: false,
    hasGeneration: true,
  }
}

function pruneAndDefault(schema: Schema, object: KubeObject): void {
  pruneObject(schema, object)
  defaultObject(schema, object)
}
