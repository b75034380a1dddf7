import { createHash } from 'node:crypto'
import type { KindRegistry, ServedKind } from '../kinds/registry.ts'

/** `/api/v1` or `/apis/GROUP/VERSION`: the resources and subresources of one version; undefined when it is not served. */
export function resourceList(kinds: KindRegistry, group: string, version: string): Record<string, unknown> | undefined {
  const served = kinds.resources(group, version)
  if (served.length === 0) return undefined
  const resources = served.flatMap(kind => [resource(kind), ...subresources(kind)])
  // Builtin groups are sorted by name; custom ones list each kind with its subresources.
  if (!served[0]!.definition.custom) resources.sort((a, b) => ((a['name'] as string) < (b['name'] as string) ? -1 : 1))
  const list: Record<string, unknown> = { kind: 'APIResourceList' }
  if (group !== '') list['apiVersion'] = 'v1'
  list['groupVersion'] = group === '' ? version : `${group}/${version}`
  list['resources'] = resources
  return list
}

function resource(kind: ServedKind): Record<string, unknown> {
  const { definition, version } = kind
  const body: Record<string, unknown> = {
    name: definition.plural,
    singularName: definition.singular,
    namespaced: definition.namespaced,
    kind: definition.kind,
    verbs: version.verbs,
  }
  if (definition.shortNames.length > 0) body['shortNames'] = definition.shortNames
  if (definition.categories.length > 0) body['categories'] = definition.categories
  if (!version.virtual)
    body['storageVersionHash'] = storageVersionHash(definition.group, definition.storageVersion, definition.kind)
  return body
}

/** The subresources of a kind, as discovery lists them. */
export function subresourcesOf(
  kind: ServedKind,
): { name: string; kind: string; group?: string; version?: string; verbs: readonly string[] }[] {
  const { definition, version } = kind
  const list: { name: string; kind: string; group?: string; version?: string; verbs: readonly string[] }[] = []
  if (version.subresources.status)
    list.push({ name: 'status', kind: definition.kind, verbs: ['get', 'patch', 'update'] })
  if (version.subresources.scale) {
    list.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: ['get', 'patch', 'update'] })
  }
  return [...list, ...(version.otherSubresources ?? [])]
}

function subresources(kind: ServedKind): Record<string, unknown>[] {
  return subresourcesOf(kind).map(({ name, kind: subKind, group, version, verbs }) => {
    const body: Record<string, unknown> = {
      name: `${kind.definition.plural}/${name}`,
      singularName: '',
      namespaced: kind.definition.namespaced,
    }
    if (group !== undefined) body['group'] = group
    if (version !== undefined) body['version'] = version
    body['kind'] = subKind
    body['verbs'] = verbs
    return body
  })
}

/** Changes when the version that objects are kept in changes. */
function storageVersionHash(group: string, version: string, kind: string): string {
  return createHash('sha256').update(`${group}/${version}/${kind}`).digest().subarray(0, 8).toString('base64')
}
