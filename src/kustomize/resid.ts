import { LRUCache } from 'lru-cache'
import type { GroupVersionKind } from '../kube/identity.ts'
import type { Scopes } from './scope.ts'

/** Identifies an object for a build: group, version, kind, name and namespace as they stand in its YAML. */
export interface ResId extends GroupVersionKind {
  readonly name: string
  readonly namespace: string
}

/** A partial kind: an empty or absent part selects anything. */
export type GvkSelector = Partial<GroupVersionKind>

/** The namespace of cluster-scoped objects in comparisons. */
export const notANamespace = '_non_namespaceable_'

interface GroupVersion {
  readonly group: string
  readonly version: string
}

/** A build asks for the parts of a few apiVersions hundreds of times. */
const groupVersions = new LRUCache<string, GroupVersion>({ max: 1000 })

/** Splits an apiVersion. */
export function splitApiVersion(apiVersion: string): GroupVersion {
  let found = groupVersions.get(apiVersion)
  if (found === undefined) {
    const cut = apiVersion.indexOf('/')
    found = { group: apiVersion.slice(0, Math.max(0, cut)), version: apiVersion.slice(cut + 1) }
    // What came from outside is not worth keeping at any length.
    if (apiVersion.length <= 200) groupVersions.set(apiVersion, found)
  }
  return found
}

/** The inverse of {@link splitApiVersion}. */
export function apiVersionOf(gvk: GvkSelector): string {
  return gvk.group ? `${gvk.group}/${gvk.version ?? ''}` : (gvk.version ?? '')
}

/** Whether a kind is selected: every part that the selector names must be equal. */
export function isSelected(gvk: GroupVersionKind, selector: GvkSelector): boolean {
  return (
    (!selector.group || selector.group === gvk.group) &&
    (!selector.version || selector.version === gvk.version) &&
    (!selector.kind || selector.kind === gvk.kind)
  )
}

/** The namespace for comparisons: none and `default` are the same, cluster-scoped kinds have none. */
export function effectiveNamespace(id: ResId, scopes: Scopes): string {
  if (scopes.isClusterScoped(id)) return notANamespace
  return id.namespace === '' ? 'default' : id.namespace
}

/** A key that is equal exactly for ids that kustomize holds for the same object. */
export function idKey(id: ResId, scopes: Scopes): string {
  return `${id.group}\0${id.version}\0${id.kind}\0${id.name}\0${effectiveNamespace(id, scopes)}`
}

/** `Kind.version.group`, as kustomize writes kinds in messages. */
export function printGvk(gvk: GvkSelector): string {
  return `${gvk.kind || '[noKind]'}.${gvk.version || '[noVer]'}.${gvk.group || '[noGrp]'}`
}

/** `Kind.version.group/name.namespace`, as kustomize writes ids in messages. */
export function printId(id: ResId): string {
  return `${printGvk(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`
}
