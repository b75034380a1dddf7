import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ClusterState } from '../cluster-state.ts'
import { discoveryDocument } from '../discovery/documents.ts'
import { versionDocument } from '../discovery/version.ts'
import { openapiAnswer } from './openapi.ts'
import type { Answer } from './request.ts'
import { methodNotAllowed, PageNotFound } from './status.ts'

const health = new Set(['/healthz', '/livez', '/readyz'])

/** Paths that need no credentials. */
export function isOpenPath(path: string): boolean {
  return (
    path === '/version' || path === '/version/' || health.has(path.replace(/^(\/(?:healthz|livez|readyz))\/.*$/, '$1'))
  )
}

/** The answer of a path that is no resource; undefined when it was answered here, as plain text. */
export function documentFor(
  cluster: ClusterState,
  path: string,
  http: IncomingMessage,
  answer: ServerResponse,
): Answer | undefined {
  if (http.method !== 'GET' && http.method !== 'HEAD') throw methodNotAllowed()
  const [first = ''] = path.slice(1).split('/')
  if (health.has(`/${first}`)) {
    answer.setHeader('Content-Type', 'text/plain; charset=utf-8')
    answer.setHeader('X-Content-Type-Options', 'nosniff')
    answer.end('ok')
    return undefined
  }
  if (path === '/version' || path === '/version/') return { status: 200, json: versionDocument() }
  const openapi = openapiAnswer(cluster, path, http, answer)
  if (openapi) return openapi
  const document = discoveryDocument(cluster, path, http, answer)
  if (document === undefined) throw new PageNotFound()
  return document
}
