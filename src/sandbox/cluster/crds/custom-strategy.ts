import type { FieldError } from '../../../kube/field-error.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Schema } from '../../../kube/schema/types.ts'
import { defaultObject, pruneObject, validateCustomResource } from '../../../kube/structural/index.ts'
import type { KindStrategy } from '../kinds/types.ts'
import type { CrdVersion } from './crd.ts'

/** The rules of a custom kind: its structural schema prunes, defaults and validates. */
export function customStrategy(crd: KubeObject, versions: readonly CrdVersion[]): KindStrategy {
  const schemas = new Map(versions.map(version => [version.name, version.schema?.openAPIV3Schema]))
  const storage = versions.find(version => version.storage)
  const hasStatus = new Set(versions.filter(version => version.subresources?.status).map(version => version.name))
  const storedSchema = storage && schemas.get(storage.name)
  const validate = (object: KubeObject, old?: KubeObject, onForgiven?: (error: FieldError) => void) =>
    storedSchema ? validateCustomResource(storedSchema, object, old, [], onForgiven ? { onForgiven } : {}) : []
  return {
    ...(mayDiffer(crd, versions) ? { present: (object, version) => presented(schemas.get(version), object) } : {}),
    applyDefaults(object, version) {
      const schema = schemas.get(version)
      if (schema) pruneAndDefault(schema, object)
    },
    prepareCreate(object) {
      if (!storage || !hasStatus.has(storage.name)) return
      delete object['status']
      // What the schema says of an absent status is seen from the first answer on, as with a real server.
      if (storedSchema) defaultObject(storedSchema, object)
    },
    validateCreate: object => validate(object),
    validateUpdate: validate,
    validateStatusUpdate: validate,
    allowUnconditionalUpdate: false,
    hasGeneration: true,
  }
}

/** Whether objects may have been written under other schemas than they are read with. */
function mayDiffer(crd: KubeObject, versions: readonly CrdVersion[]): boolean {
  return (crd.metadata.generation ?? 1) > 1 || versions.length > 1
}

function presented(schema: Schema | undefined, object: KubeObject): KubeObject {
  if (!schema) return object
  const copy = structuredClone(object)
  pruneAndDefault(schema, copy)
  return copy
}

function pruneAndDefault(schema: Schema, object: KubeObject): void {
  pruneObject(schema, object)
  defaultObject(schema, object)
}
