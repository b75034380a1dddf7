import type { KubeObject } from '../../../kube/object.ts'
import { decodeGo } from '../go-types/from-json.ts'
import { goKey } from '../go-types/go-type.ts'
import type { ServedKind } from '../kinds/registry.ts'

/** `apps/v1` of the version that a kind is stored in. */
export function storageApiVersion({ definition }: ServedKind): string {
  if (definition.keptAs) return definition.keptAs.apiVersion
  return definition.group === '' ? definition.storageVersion : `${definition.group}/${definition.storageVersion}`
}

/** An object of the request's version in the storage version; its metadata may be changed afterwards. */
export function toStorageVersion(kind: ServedKind, object: KubeObject): KubeObject {
  const apiVersion = storageApiVersion(kind)
  const convert = kind.definition.strategy.convert
  const body = convert && apiVersion !== kind.apiVersion ? convert(object, apiVersion) : object
  return { ...body, apiVersion, kind: kind.definition.kind, metadata: { ...body.metadata } }
}

/** A stored object in the request's version. Shares parts with the stored one: never change it. */
export function toRequestVersion(kind: ServedKind, object: KubeObject): KubeObject {
  const { present } = kind.definition.strategy
  if (present) return present({ ...object, apiVersion: kind.apiVersion }, kind.version.version)
  if (object.apiVersion === kind.apiVersion) return object
  const convert = kind.definition.strategy.convert
  if (!convert) return { ...object, apiVersion: kind.apiVersion }
  // Each version leaves out other empty fields.
  const converted = convert(object, kind.apiVersion)
  const { group, kind: name } = kind.definition
  return decodeGo(goKey(group, kind.version.version, name), converted).object as unknown as KubeObject
}

/** Whether stored text has to be converted before it is sent. */
export function needsConversion(kind: ServedKind): boolean {
  return kind.apiVersion !== storageApiVersion(kind) || kind.definition.strategy.present !== undefined
}
