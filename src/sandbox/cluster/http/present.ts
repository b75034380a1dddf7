import type { KubeObject } from '../../../kube/object.ts'
import type { ServedKind } from '../kinds/registry.ts'
import { needsConversion, toRequestVersion } from '../write/convert.ts'

/** The stored text of an object in the version of the request. */
export function objectText(kind: ServedKind, json: string): string {
  return needsConversion(kind) ? JSON.stringify(toRequestVersion(kind, JSON.parse(json) as KubeObject)) : json
}

/**
 * An object's text as it stands in a list: items of builtin kinds come without `kind` and `apiVersion`, those of custom
 * kinds with them.
 */
export function itemText(kind: ServedKind, json: string): string {
  const text = objectText(kind, json)
  if (kind.definition.custom) return text
  const head = `{"kind":${JSON.stringify(kind.definition.kind)},"apiVersion":${JSON.stringify(kind.apiVersion)},`
  return text.startsWith(head) ? `{${text.slice(head.length)}` : text
}

/** Only the metadata of an object, as `meta.k8s.io/v1 PartialObjectMetadata`. */
export function partialText(object: KubeObject): string {
  return JSON.stringify(partialMetadata(object))
}

/** See {@link partialText}. */
export function partialMetadata(object: KubeObject): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata }
}
