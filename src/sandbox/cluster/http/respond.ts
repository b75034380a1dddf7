import type { ServerResponse } from 'node:http'
import type { KubeObject } from '../../../kube/object.ts'
import { stringifyYaml } from '../../../kube/yaml/index.ts'
import type { ClusterState } from '../cluster-state.ts'
import { goKey } from '../go-types/go-type.ts'
import { negotiate, type Representation } from './negotiate.ts'
import { objectText, partialText } from './present.ts'
import type { Answer, ResourceRequest } from './request.ts'
import { columnDefinitions, includeObjectOf, table, tableRow } from './table.ts'

/** The answer with one object, in the form that the client asked for. `json` is in the storage version. */
export function objectAnswer(cluster: ClusterState, request: ResourceRequest, status: number, json: string): Answer {
  const { as } = representationOf(request, false)
  if (as === 'object') return { status, json: objectText(request.kind, json) }
  const object = JSON.parse(json) as KubeObject
  if (as === 'partial') return { status, json: partialText(object) }
  const row = tableRow(request.kind, object, includeObjectOf(request.query), cluster.clock.now())
  const metadata = { resourceVersion: object.metadata.resourceVersion }
  return { status, json: JSON.stringify(table(columnDefinitions(request.kind), [row], metadata)) }
}

/** What the client accepts. */
export function representationOf(request: ResourceRequest, list: boolean): Representation {
  const { definition, version } = request.kind
  const key = goKey(definition.group, version.version, list ? definition.listKind : definition.kind)
  return negotiate(request.http.headers.accept, list, `*${key.replace(/\/\w+/, '')}`)
}

/** Sends an answer, as YAML when the client wants that. */
export function send(
  response: ServerResponse,
  answer: Answer,
  format: 'json' | 'yaml',
  warnings: readonly string[],
): void {
  if (response.headersSent || response.destroyed) return
  const body = format === 'yaml' ? stringifyYaml(JSON.parse(answer.json)) : `${answer.json}\n`
  response.statusCode = answer.status
  response.setHeader('Content-Type', answer.contentType ?? `application/${format}`)
  response.setHeader('Cache-Control', 'no-cache, private')
  if (warnings.length > 0) response.setHeader('Warning', warnings.map(warningHeader))
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.end(body)
}

/** One `Warning` header: RFC 7234 with code 299 and a quoted text, as clients print it. */
function warningHeader(text: string): string {
  const clean = text.replace(/[\x00-\x1f\x7f]/g, ' ').replace(/[\\"]/g, '\\$&')
  return `299 - "${Buffer.from(clean, 'utf8').toString('latin1')}"`
}
