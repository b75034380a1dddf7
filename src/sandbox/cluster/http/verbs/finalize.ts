import { isObject } from '../../../../base/json.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { readWriteOptions } from '../../write/options.ts'
import { updateObject } from '../../write/update.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import { objectFromBody, writeRequestOf } from '../write-context.ts'

/** Sets the finalizers in the spec of a namespace (`namespaces/NAME/finalize`); the last one lets a deleted namespace go. */
export async function finalizeVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('UpdateOptions', request.query, request.http.headers['user-agent'])
  const sent = await objectFromBody(request, options)
  const spec = isObject(sent['spec']) ? sent['spec'] : {}
  const { json } = await updateObject(cluster, writeRequestOf(request, options), {
    next: live => ({ ...live!, metadata: { ...live!.metadata, resourceVersion: sent.metadata.resourceVersion }, spec }),
    managed: false,
    mayCreate: false,
    patch: true,
  })
  return objectAnswer(cluster, request, 200, json)
}
