import { isObject } from '../../base/json.ts'
import { formatApiVersion, parseApiVersion } from '../identity.ts'
import type { ApiResource } from './types.ts'

/** What discovery knows at one moment. */
export interface DiscoveryResult {
  /** All resources, a group's preferred version first. */
  readonly resources: readonly ApiResource[]
  /** `group/version`s whose resources could not be read: an aggregated API server that does not answer. */
  readonly failed: ReadonlySet<string>
}

/** Reads an `APIGroupDiscoveryList` (`apidiscovery.k8s.io/v2`, and v2beta1, which has the same form). */
export function readAggregated(document: unknown): DiscoveryResult {
  const resources: ApiResource[] = []
  const failed = new Set<string>()
  for (const item of listOf(document, 'items')) {
    const metadata = isObject(item['metadata']) ? item['metadata'] : {}
    const group = textOf(metadata['name'])
    for (const version of listOf(item, 'versions')) {
      const gv = { group, version: textOf(version['version']) }
      const found = listOf(version, 'resources')
      // `Stale` means that the aggregated server did not answer lately; what it said before may still be there.
      if (version['freshness'] === 'Stale' && found.length === 0) failed.add(formatApiVersion(gv))
      for (const resource of found) {
        const kind = isObject(resource['responseKind']) ? textOf(resource['responseKind']['kind']) : ''
        if (kind === '') continue
        resources.push({
          ...gv,
          kind,
          plural: textOf(resource['resource']),
          singular: textOf(resource['singularResource']) || kind.toLowerCase(),
          shortNames: textsOf(resource['shortNames']),
          categories: textsOf(resource['categories']),
          namespaced: resource['scope'] === 'Namespaced',
          verbs: textsOf(resource['verbs']),
          subresources: listOf(resource, 'subresources').map(sub => textOf(sub['subresource'])),
        })
      }
    }
  }
  return { resources, failed }
}

/** Reads an `APIResourceList` of one group and version, the form of servers before aggregated discovery. */
export function readResourceList(document: unknown, apiVersion: string): ApiResource[] {
  const gv = parseApiVersion(apiVersion)
  const entries = listOf(document, 'resources')
  const subresources = new Map<string, string[]>()
  for (const entry of entries) {
    const [plural = '', sub] = textOf(entry['name']).split('/')
    if (sub !== undefined) subresources.set(plural, [...(subresources.get(plural) ?? []), sub])
  }
  return entries
    .filter(entry => !textOf(entry['name']).includes('/'))
    .map(entry => ({
      ...gv,
      kind: textOf(entry['kind']),
      plural: textOf(entry['name']),
      singular: textOf(entry['singularName']) || textOf(entry['kind']).toLowerCase(),
      shortNames: textsOf(entry['shortNames']),
      categories: textsOf(entry['categories']),
      namespaced: entry['namespaced'] === true,
      verbs: textsOf(entry['verbs']),
      subresources: subresources.get(textOf(entry['name'])) ?? [],
    }))
}

/** The API versions that an `APIGroupList` names, each group's preferred one first. */
export function readGroupList(document: unknown): string[] {
  return listOf(document, 'groups').flatMap(group => {
    const preferred = isObject(group['preferredVersion']) ? textOf(group['preferredVersion']['groupVersion']) : ''
    const all = listOf(group, 'versions').map(version => textOf(version['groupVersion']))
    return [...all.filter(v => v === preferred), ...all.filter(v => v !== preferred)]
  })
}

/** The versions of the core group that an `APIVersions` document names. */
export function readCoreVersions(document: unknown): string[] {
  return isObject(document) ? textsOf(document['versions']) : []
}

function listOf(value: unknown, field: string): Record<string, unknown>[] {
  const list = isObject(value) ? value[field] : undefined
  return Array.isArray(list) ? list.filter(isObject) : []
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
