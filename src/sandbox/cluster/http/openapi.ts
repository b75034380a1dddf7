import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClusterState } from '../cluster-state.ts'
import { kubernetesVersion } from '../discovery/version.ts'
import { sharedSchemas } from '../kinds/schemas.ts'
import {
  type OpenapiDocument,
  type OpenapiSource,
  openapiV2,
  openapiV3Document,
  openapiV3Index,
} from '../openapi/index.ts'
import type { Answer } from './request.ts'
import { notAcceptable } from './status.ts'

const sources = new WeakMap<ClusterState, OpenapiSource>()

/** `/openapi/v2`, `/openapi/v3` and what is below; undefined for other paths and unknown group versions. */
export function openapiAnswer(
  cluster: ClusterState,
  path: string,
  http: IncomingMessage,
  answer: ServerResponse,
): Answer | undefined {
  const document = documentOf(path, sourceOf(cluster))
  if (!document) return undefined
  if (path === '/openapi/v2' && !acceptsJson(http.headers.accept)) {
    throw notAcceptable('only the following media types are accepted: application/json')
  }
  answer.setHeader('ETag', `"${document.hash}"`)
  return { status: 200, json: document.json }
}

function documentOf(path: string, source: OpenapiSource): OpenapiDocument | undefined {
  if (path === '/openapi/v2') return openapiV2(source)
  if (path === '/openapi/v3') return openapiV3Index(source)
  return path.startsWith('/openapi/v3/') ? openapiV3Document(path.slice('/openapi/v3/'.length), source) : undefined
}

/** Documents are kept by source, so there is one for each cluster. */
function sourceOf(cluster: ClusterState): OpenapiSource {
  let source = sources.get(cluster)
  if (!source) {
    source = {
      kinds: () => cluster.kinds.all(),
      get revision() {
        return cluster.kinds.revision
      },
      ...sharedSchemas(),
      version: kubernetesVersion.gitVersion,
    }
    sources.set(cluster, source)
  }
  return source
}

function acceptsJson(accept: string | undefined): boolean {
  return accept === undefined || accept === '' || /application\/json|\*\/\*|application\/\*/.test(accept)
}
