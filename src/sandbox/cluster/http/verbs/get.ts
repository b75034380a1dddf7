import type { ClusterState } from '../../cluster-state.ts'
import { recordKey } from '../../store/record.ts'
import { parseVersion } from '../list-options.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import { notFound, StatusError, tooLargeVersion } from '../status.ts'

/** One object; `resourceVersion` asks for a state not older than that. */
export function getVerb(cluster: ClusterState, request: ResourceRequest): Answer {
  const { definition, collection } = request.kind
  const version = parseVersion(request.query.get('resourceVersion') ?? '')
  if (typeof version === 'string') throw new StatusError(500, '', version)
  if (version > cluster.store.version) throw tooLargeVersion(version, cluster.store.version)
  const record = cluster.store.collection(collection).get(recordKey(request.namespace, request.name))
  if (!record) throw notFound({ group: definition.group, resource: definition.plural, name: request.name })
  return objectAnswer(cluster, request, 200, record.json)
}
