import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClusterState } from '../cluster-state.ts'
import type { Answer } from '../http/request.ts'
import { aggregated } from './aggregated.ts'
import { apiGroup, apiGroupList, apiVersions } from './groups.ts'
import { resourceList } from './resources.ts'

const aggregatedAccept = /application\/json;[^,]*\bas=APIGroupDiscoveryList\b/

/** The answer of a discovery path; undefined for other paths. */
export function discoveryDocument(
  { kinds }: ClusterState,
  path: string,
  http: IncomingMessage,
  answer: ServerResponse,
): Answer | undefined {
  const parts = path.split('/').filter(part => part !== '')
  const [root, ...rest] = parts
  if (root !== 'api' && root !== 'apis') return undefined
  if (rest.length === 0) {
    answer.setHeader('Vary', 'Accept')
    const version = acceptedVersion(http.headers.accept)
    if (version) {
      const contentType = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`
      return { status: 200, json: JSON.stringify(aggregated(kinds, root === 'api', version)), contentType }
    }
    return document(root === 'api' ? apiVersions(http) : apiGroupList(kinds))
  }
  if (root === 'api') return rest.length === 1 ? document(resourceList(kinds, '', rest[0]!)) : undefined
  if (rest.length === 1) return document(apiGroup(kinds, rest[0]!))
  return rest.length === 2 ? document(resourceList(kinds, rest[0]!, rest[1]!)) : undefined
}

/** The version of aggregated discovery, when that is the first acceptable type. */
function acceptedVersion(accept = ''): 'v2' | 'v2beta1' | undefined {
  for (const clause of accept.split(',')) {
    const type = clause.trim()
    if (aggregatedAccept.test(type)) {
      if (/\bv=v2\b(?!beta)/.test(type)) return 'v2'
      if (/\bv=v2beta1\b/.test(type)) return 'v2beta1'
      continue
    }
    if (/^(application\/json|\*\/\*)\s*(;.*)?$/.test(type)) return undefined
  }
  return undefined
}

function document(value: unknown): Answer | undefined {
  return value === undefined ? undefined : { status: 200, json: JSON.stringify(value) }
}
