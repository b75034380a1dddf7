import type { ClusterState } from '../../cluster-state.ts'
import { readWriteOptions } from '../../write/options.ts'
import { updateObject } from '../../write/update.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import { objectFromBody, writeRequestOf } from '../write-context.ts'

/** Replaces an object, or its status. */
export async function updateVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('UpdateOptions', request.query, request.http.headers['user-agent'])
  const object = await objectFromBody(request, options)
  const { strategy } = request.kind.definition
  const { json, outcome } = await updateObject(cluster, writeRequestOf(request, options), {
    next: () => object,
    managed: false,
    mayCreate: strategy.allowCreateOnUpdate ?? false,
    patch: false,
  })
  return objectAnswer(cluster, request, outcome === 'created' ? 201 : 200, json)
}
