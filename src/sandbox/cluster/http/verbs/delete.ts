import { parseYaml } from '../../../../kube/yaml/index.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { decodeProtobuf, openEnvelope } from '../../go-types/from-protobuf.ts'
import { parseJsonBody } from '../../write/decode.ts'
import { deleteObject } from '../../write/delete.ts'
import { type DeleteOptions, readDeleteOptions } from '../../write/delete-options.ts'
import { bodyFormat } from '../negotiate.ts'
import { readBytes } from '../read-body.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import type { StatusBody } from '../status.ts'
import { writeRequestOf } from '../write-context.ts'

/** Deletes one object, or marks it for deletion when something holds it. */
export async function deleteVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = await deleteOptionsOf(request)
  const { json, uid, gone } = await deleteObject(cluster, deleteWrite(request, options), options)
  const { definition } = request.kind
  if (gone && !definition.strategy.returnsDeleted) {
    const details: StatusBody['details'] = { name: request.name }
    if (definition.group !== '') details.group = definition.group
    details.kind = definition.plural
    details.uid = uid
    const status: StatusBody = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
    return { status: 200, json: JSON.stringify(status) }
  }
  // 202 only where a client explicitly asked for dependents to go first (apiserver `handlers/delete.go`).
  const accepted = !gone && (options.orphanDependents === false || options.propagationPolicy === 'Foreground')
  return objectAnswer(cluster, request, accepted ? 202 : 200, json)
}

/** The options in a deletion's body or query. */
export async function deleteOptionsOf(request: ResourceRequest): Promise<DeleteOptions> {
  const bytes = await readBytes(request.http)
  if (bytes.length === 0) return readDeleteOptions(request.query, undefined)
  const format = bodyFormat(request.http.headers['content-type'])
  if (format === 'protobuf') {
    return readDeleteOptions(request.query, decodeProtobuf('meta/v1.DeleteOptions', openEnvelope(bytes).raw))
  }
  const text = bytes.toString('utf8')
  return readDeleteOptions(request.query, format === 'yaml' ? parseYaml(text) : parseJsonBody(text, false).value)
}

/** A deletion as a write: nothing but its dry run matters. */
export function deleteWrite(
  request: ResourceRequest,
  options: DeleteOptions,
  name = request.name,
  namespace = request.namespace,
) {
  const write = { dryRun: options.dryRun, manager: '', fieldValidation: 'Ignore', force: false } as const
  return { ...writeRequestOf(request, write), name, namespace }
}
