import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'

/** `apps/v1` of the version that a kind is stored in. */
export function storageApiVersion({ definition }: ServedKind): string {
  return definition.group === '' ? definition.storageVersion : `${definition.group}/${definition.storageVersion}`
}

/** An object of the request's version in the storage version; its metadata may be changed afterwards. */
export function toStorageVersion(kind: ServedKind, object: KubeObject): KubeObject {
  const apiVersion = storageApiVersion(kind)
  const convert = kind.definition.strategy.convert
  const body = convert && apiVersion !== kind.apiVersion ? convert(object, kind.definition.storageVersion) : object
  return { ...body, apiVersion, kind: kind.definition.kind, metadata: { ...body.metadata } }
}

/** A stored object in the request's version. Shares parts with the stored one: never change it. */
export function toRequestVersion(kind: ServedKind, object: KubeObject): KubeObject {
  if (object.apiVersion === kind.apiVersion) return object
  const convert = kind.definition.strategy.convert
  const body = convert ? convert(object, kind.version.version) : object
  return { ...body, apiVersion: kind.apiVersion }
}

/** Whether stored text has to be converted before it is sent. */
export function needsConversion(kind: ServedKind): boolean {
  return kind.version.version !== kind.definition.storageVersion
}
