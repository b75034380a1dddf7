import { isObject } from '../base/json.ts'
import type { KubeObject } from './object.ts'

/** A kind of object: `group` is '' for the core group. */
export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** One object: a kind, a name and, for namespaced kinds, a namespace ('' otherwise). */
export interface ObjectRef extends GroupVersionKind {
  readonly namespace: string
  readonly name: string
}

/** Splits `apps/v1` or `v1`. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const cut = apiVersion.indexOf('/')
  return cut < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, cut), version: apiVersion.slice(cut + 1) }
}

/** The inverse of {@link parseApiVersion}. */
export function formatApiVersion(gv: { group: string; version: string }): string {
  return gv.group === '' ? gv.version : `${gv.group}/${gv.version}`
}

export function gvkOf(object: { apiVersion: string; kind: string }): GroupVersionKind {
  return { ...parseApiVersion(object.apiVersion), kind: object.kind }
}

export function refOf(object: KubeObject): ObjectRef {
  return { ...gvkOf(object), namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: Flux's way to name an object in messages. */
export function formatRef(ref: { kind: string; namespace?: string; name: string }): string {
  return ref.namespace ? `${ref.kind}/${ref.namespace}/${ref.name}` : `${ref.kind}/${ref.name}`
}

/** A key that is equal for equal objects whatever their API version; fit for maps, not for people. */
export function refKey(ref: { group: string; kind: string; namespace?: string; name: string }): string {
  return `${ref.group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`
}

/** Whether a parsed document has what every Kubernetes object must have. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isObject(value) &&
    typeof value['apiVersion'] === 'string' &&
    typeof value['kind'] === 'string' &&
    isObject(value['metadata'])
  )
}
