import type { ClusterState } from '../cluster-state.ts'
import type { Answer, ResourceRequest } from './request.ts'
import { createVerb } from './verbs/create.ts'
import { deleteVerb } from './verbs/delete.ts'
import { deleteCollectionVerb } from './verbs/delete-collection.ts'
import { finalizeVerb } from './verbs/finalize.ts'
import { getVerb } from './verbs/get.ts'
import { listVerb } from './verbs/list.ts'
import { patchVerb } from './verbs/patch.ts'
import { bindingVerb, connectVerb, evictionVerb, logVerb } from './verbs/pod-subresources.ts'
import { reviewVerb } from './verbs/review.ts'
import { scaleVerb } from './verbs/scale.ts'
import { tokenVerb } from './verbs/token.ts'
import { updateVerb } from './verbs/update.ts'
import { watchVerb } from './verbs/watch.ts'

/** Subresources that connect a client with a process. */
const connections = new Set(['exec', 'attach', 'portforward', 'proxy'])

/** Runs the verb of a request; undefined when it answers by itself (a watch). */
export async function dispatch(cluster: ClusterState, request: ResourceRequest): Promise<Answer | undefined> {
  if (request.subresource === 'scale') {
    if (request.verb === 'get') await committed(cluster)
    return await scaleVerb(cluster, request)
  }
  if (request.kind.version.virtual) return await reviewVerb(cluster, request)
  if (request.subresource === 'token') return await tokenVerb(cluster, request)
  if (request.subresource === 'binding') return await bindingVerb(cluster, request)
  if (request.subresource === 'eviction') return await evictionVerb(cluster, request)
  if (request.subresource === 'log') return logVerb(cluster, request)
  if (connections.has(request.subresource.split('/', 1)[0]!)) return connectVerb(cluster, request)
  if (request.subresource === 'finalize') return await finalizeVerb(cluster, request)
  switch (request.verb) {
    case 'get':
      await committed(cluster)
      return getVerb(cluster, request)
    case 'list':
      await committed(cluster)
      return listVerb(cluster, request)
    case 'watch':
      await committed(cluster)
      watchVerb(cluster, request)
      return undefined
    case 'create':
      return await createVerb(cluster, request)
    case 'update':
      return await updateVerb(cluster, request)
    case 'patch':
      return await patchVerb(cluster, request)
    case 'delete':
      return await deleteVerb(cluster, request)
    case 'deletecollection':
      return await deleteCollectionVerb(cluster, request)
  }
}

/** Reads show nothing that could still be undone: they wait for the commit that is on its way. */
async function committed(cluster: ClusterState): Promise<void> {
  while (cluster.store.isDirty) await cluster.store.settled().catch(() => undefined)
}
