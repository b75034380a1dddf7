import type { ClusterState } from '../../cluster-state.ts'
import { createObject } from '../../write/create.ts'
import { readWriteOptions } from '../../write/options.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import { objectFromBody, writeRequestOf } from '../write-context.ts'

/** Creates an object in a collection. */
export async function createVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('CreateOptions', request.query, request.http.headers['user-agent'])
  const object = await objectFromBody(request, options)
  const { json } = await createObject(cluster, writeRequestOf(request, options), object)
  return objectAnswer(cluster, request, 201, json)
}
