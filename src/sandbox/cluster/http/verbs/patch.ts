import { isObject } from '../../../../base/json.ts'
import type { KubeObject } from '../../../../kube/object.ts'
import { parseYaml } from '../../../../kube/yaml/index.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { asObject, parseJsonBody } from '../../write/decode.ts'
import { managedApply } from '../../write/managed.ts'
import { readWriteOptions, type WriteOptions } from '../../write/options.ts'
import { patcherFor } from '../../write/patchers.ts'
import { updateObject } from '../../write/update.ts'
import { readBody } from '../read-body.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import { badRequest, unsupportedMediaType } from '../status.ts'
import { handledAs, reportStrict, writeRequestOf } from '../write-context.ts'

const applyType = 'application/apply-patch+yaml'

/** Patches an object: JSON patch, merge patch, strategic merge patch or server-side apply. */
export async function patchVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const type = (request.http.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type === applyType) return applyVerb(cluster, request)
  const patcher = patcherFor(type, request.kind)
  if (!patcher) throw unsupportedMediaType(unknownFormat(request))
  const options = readWriteOptions('PatchOptions', request.query, request.http.headers['user-agent'])
  const text = await readBody(request.http)
  const { value, strictErrors } = parsePatch(text, options)
  reportStrict(request, options, strictErrors)
  const patch = patcher(value)
  const { json, outcome } = await updateObject(cluster, writeRequestOf(request, options), {
    next: live => asObject(patch(live!)),
    managed: false,
    mayCreate: false,
    unconditional: true,
  })
  return objectAnswer(cluster, request, outcome === 'created' ? 201 : 200, json)
}

/** Server-side apply: the body is the whole intent of one field manager. */
async function applyVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('PatchOptions', request.query, request.http.headers['user-agent'], true)
  const text = await readBody(request.http)
  const write = writeRequestOf(request, options)
  const applied = appliedObject(request, text, options)
  const { json, outcome } = await updateObject(cluster, write, {
    next: live => managedApply(write, live, applied, cluster.clock.now()),
    managed: true,
    mayCreate: true,
    unconditional: true,
  })
  return objectAnswer(cluster, request, outcome === 'created' ? 201 : 200, json)
}

function appliedObject(request: ResourceRequest, text: string, options: WriteOptions): KubeObject {
  let value: unknown
  let strictErrors: readonly string[] = []
  // JSON is YAML, and by far the most common form: it takes the short way.
  if (text.charCodeAt(0) === 0x7b) ({ value, strictErrors } = parseJsonBody(text, options.fieldValidation !== 'Ignore'))
  else {
    try {
      value = parseYaml(text)
    } catch (error) {
      throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (!isObject(value)) throw badRequest('error decoding YAML: the body must be an object')
  reportStrict(request, options, strictErrors)
  const object = asObject(value)
  const { definition, apiVersion } = request.kind
  if (object.apiVersion !== apiVersion || object.kind !== definition.kind) {
    throw badRequest(
      `${handledAs(request, String(object.kind))}: no kind "${object.kind}" is registered for version "${object.apiVersion}"`,
    )
  }
  object.metadata.name ??= request.name
  if (definition.namespaced) object.metadata.namespace ??= request.namespace
  return object
}

function parsePatch(text: string, options: WriteOptions) {
  return parseJsonBody(text, options.fieldValidation !== 'Ignore')
}

function unknownFormat(request: ResourceRequest): string {
  const strategic = request.kind.definition.custom ? '' : ', application/strategic-merge-patch+json'
  return (
    'the body of the request was in an unknown format - accepted media types include: ' +
    `application/json-patch+json, application/merge-patch+json${strategic}, application/apply-patch+yaml`
  )
}
