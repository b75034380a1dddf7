import { isObject } from '../../../../base/json.ts'
import { parseApiVersion } from '../../../../kube/identity.ts'
import type { KubeObject } from '../../../../kube/object.ts'
import { decodeError } from '../../../../kube/structural/index.ts'
import { parseYaml } from '../../../../kube/yaml/index.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { decodeGo, GoDecodeError } from '../../go-types/from-json.ts'
import { goKey } from '../../go-types/go-type.ts'
import { asObject, parseJsonBody } from '../../write/decode.ts'
import { managedApply } from '../../write/managed.ts'
import { readWriteOptions, type WriteOptions } from '../../write/options.ts'
import { patcherFor } from '../../write/patchers.ts'
import { asTyped } from '../../write/typed.ts'
import { updateObject } from '../../write/update.ts'
import { readBody } from '../read-body.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { objectAnswer } from '../respond.ts'
import { badRequest, invalid, StatusError, unsupportedMediaType } from '../status.ts'
import { handledAs, reportStrict, writeRequestOf } from '../write-context.ts'

const applyType = 'application/apply-patch+yaml'

/** Patches an object: JSON patch, merge patch, strategic merge patch or server-side apply. */
export async function patchVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const type = (request.http.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
  if (type === applyType) return applyVerb(cluster, request)
  const patcher = patcherFor(type, request.kind)
  if (!patcher) throw unsupportedMediaType(unknownFormat(request))
  const options = readWriteOptions('PatchOptions', request.query, request.http.headers['user-agent'])
  const { value, strictErrors } = parsePatch(await readBody(request.http), options)
  const patch = patcher(value)
  let reported = false
  const { json, outcome } = await updateObject(cluster, writeRequestOf(request, options), {
    next: live => {
      const { object, unknown } = patchedObject(request, patch(live!))
      // A retry after a write in between must not warn twice.
      if (!reported)
        reportPatch(request, options, [...strictErrors, ...unknown.map(path => `unknown field "${path}"`)], object)
      reported = true
      return object
    },
    managed: false,
    mayCreate: false,
    patch: true,
  })
  return objectAnswer(cluster, request, outcome === 'created' ? 201 : 200, json)
}

/** Server-side apply: the body is the whole intent of one field manager. */
async function applyVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const options = readWriteOptions('PatchOptions', request.query, request.http.headers['user-agent'], true)
  const applied = appliedObject(request, await readBody(request.http), options)
  const write = writeRequestOf(request, options)
  const { json, outcome } = await updateObject(cluster, write, {
    next: live => {
      const merged = managedApply(write, live, applied, cluster.clock.now())
      return asTyped(request.kind, merged, message => badRequest(`${handledAs(request)}: ${message}`)).object
    },
    managed: true,
    mayCreate: true,
    patch: true,
  })
  return objectAnswer(cluster, request, outcome === 'created' ? 201 : 200, json)
}

/** A patched object as its kind reads it; what it cannot read is an invalid patch. */
function patchedObject(request: ResourceRequest, patched: unknown): { object: KubeObject; unknown: readonly string[] } {
  const object = asObject(patched)
  refuseOtherKind(request, object, patched)
  const fail = (message: string) => invalidPatch(patched, message)
  if (request.kind.definition.custom) {
    const wrong = decodeError(request.kind.version.schema, object)
    if (wrong !== undefined) throw fail(wrong)
  }
  return asTyped(request.kind, object, fail)
}

/** A patch that makes another kind of the object: read as that kind, or no kind at all. */
function refuseOtherKind(request: ResourceRequest, object: KubeObject, patched: unknown): void {
  const { definition, apiVersion } = request.kind
  if (object.kind === definition.kind && object.apiVersion === apiVersion) return
  const { group, version } = parseApiVersion(object.apiVersion ?? '')
  try {
    decodeGo(goKey(group, version, object.kind), object)
  } catch (error) {
    if (error instanceof GoDecodeError) throw invalidPatch(patched, error.message)
    throw error
  }
  throw badRequest(`${handledAs(request, object.kind)}: converting (${version}.${object.kind}): unknown conversion`)
}

function invalidPatch(patched: unknown, message: string): StatusError {
  return invalid({ group: '', resource: '', name: '' }, [
    { type: 'FieldValueInvalid', field: 'patch', value: JSON.stringify(patched), detail: message },
  ])
}

function reportPatch(
  request: ResourceRequest,
  options: WriteOptions,
  errors: readonly string[],
  object: KubeObject,
): void {
  if (errors.length > 0 && options.fieldValidation === 'Strict') {
    throw invalidPatch(object, `strict decoding error: ${errors.join(', ')}`)
  }
  reportStrict(request, options, errors)
}

/** The body of an apply. Unknown and mistyped fields are for the typed merge to refuse, which names them by path. */
function appliedObject(request: ResourceRequest, text: string, options: WriteOptions): KubeObject {
  const { definition, apiVersion } = request.kind
  const { value, strictErrors } = parseApplied(text, options)
  if (!isObject(value)) throw badRequest('error decoding YAML: the body must be an object')
  const object = asObject(value)
  if (object.apiVersion !== apiVersion || object.kind !== definition.kind) {
    const { group, version } = parseApiVersion(object.apiVersion ?? '')
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${object.kind ?? ''}`)
  }
  reportStrict(request, options, strictErrors)
  return object
}

function parseApplied(text: string, options: WriteOptions) {
  // JSON is YAML, and by far the most common form: it takes the short way.
  if (text.charCodeAt(0) === 0x7b) {
    try {
      return parseJsonBody(text, options.fieldValidation !== 'Ignore')
    } catch {
      // YAML in flow style begins like JSON.
    }
  }
  try {
    return { value: parseYaml(text), strictErrors: [] }
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function parsePatch(text: string, options: WriteOptions) {
  try {
    return parseJsonBody(text, options.fieldValidation !== 'Ignore')
  } catch (error) {
    if (error instanceof StatusError && error.code === 400) throw badRequest(`error decoding patch: ${error.message}`)
    throw error
  }
}

function unknownFormat(request: ResourceRequest): string {
  const strategic = request.kind.definition.custom ? '' : ', application/strategic-merge-patch+json'
  return (
    'the body of the request was in an unknown format - accepted media types include: ' +
    `application/json-patch+json, application/merge-patch+json${strategic}, application/apply-patch+yaml`
  )
}
