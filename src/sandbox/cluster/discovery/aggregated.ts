import { isObject } from '../../../base/json.ts'
import type { KindRegistry, ServedKind } from '../kinds/registry.ts'
import { subresourcesOf } from './resources.ts'

/** Aggregated discovery (KEP-3352): everything below `/api` or `/apis` in one document. */
export function aggregated(kinds: KindRegistry, core: boolean, version: 'v2' | 'v2beta1'): Record<string, unknown> {
  const items = kinds
    .groups()
    .filter(({ group }) => (group === '') === core)
    .map(({ group, versions }) => ({
      metadata: { ...(group === '' ? {} : { name: group }), creationTimestamp: null },
      versions: versions.map(name => ({
        version: name,
        resources: kinds.resources(group, name).map(resource).sort(byName),
        freshness: 'Current',
      })),
    }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

function resource(kind: ServedKind): Record<string, unknown> {
  const { definition, version } = kind
  const body: Record<string, unknown> = {
    resource: definition.plural,
    responseKind: responseKind(kind, definition.kind),
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: version.verbs,
  }
  if (definition.shortNames.length > 0) body['shortNames'] = definition.shortNames
  if (definition.categories.length > 0) body['categories'] = definition.categories
  const subresources = subresourcesOf(kind).map(sub => ({
    subresource: sub.name,
    responseKind:
      sub.group === undefined
        ? responseKind(kind, sub.kind)
        : { group: sub.group, version: sub.version, kind: sub.kind },
    verbs: sub.verbs,
  }))
  if (!definition.custom) subresources.sort((a, b) => (a.subresource < b.subresource ? -1 : 1))
  if (subresources.length > 0) body['subresources'] = subresources
  return body
}

/** Builtin kinds leave group and version out where they are those of the list; custom kinds name them. */
function responseKind({ definition, version }: ServedKind, kind: string): Record<string, string> {
  return definition.custom
    ? { group: definition.group, version: version.version, kind }
    : { group: '', version: '', kind }
}

function byName(a: unknown, b: unknown): number {
  const name = (value: unknown) => (isObject(value) ? String(value['resource']) : '')
  return name(a) < name(b) ? -1 : 1
}
