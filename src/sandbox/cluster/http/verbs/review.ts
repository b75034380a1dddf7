import type { ReviewContext } from '../../auth/reviews.ts'
import { answerReview } from '../../auth/reviews.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { managedUpdate } from '../../write/managed.ts'
import { readWriteOptions } from '../../write/options.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { methodNotAllowed } from '../status.ts'
import { objectFromBody, writeRequestOf } from '../write-context.ts'

/** Creates of kinds that are answered and not kept: access reviews, token reviews. */
export async function reviewVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('CreateOptions', request.query, request.http.headers['user-agent'])
  const sent = await objectFromBody(request, options)
  const context: ReviewContext = {
    store: cluster.store,
    authenticator: cluster.authenticator,
    user: request.user,
    namespace: request.namespace,
  }
  const managed = managedUpdate(writeRequestOf(request, options), undefined, sent, cluster.clock.now())
  const answered = answerReview(context, sent)
  if (!answered) throw methodNotAllowed()
  return { status: 201, json: JSON.stringify({ ...answered, metadata: managed.metadata }) }
}
