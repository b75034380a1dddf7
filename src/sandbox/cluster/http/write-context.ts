import { parseApiVersion } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { decodeError } from '../../../kube/structural/index.ts'
import { parseYaml } from '../../../kube/yaml/index.ts'
import { hasGoType } from '../go-types/from-json.ts'
import { decodeProtobuf, openEnvelope } from '../go-types/from-protobuf.ts'
import { goKey } from '../go-types/go-type.ts'
import { ProtobufError } from '../go-types/protobuf-reader.ts'
import { asObject, type DecodedBody, parseJsonBody } from '../write/decode.ts'
import type { WriteOptions } from '../write/options.ts'
import { asTyped } from '../write/typed.ts'
import type { WriteRequest } from '../write/write-request.ts'
import { bodyFormat } from './negotiate.ts'
import { readBytes } from './read-body.ts'
import type { ResourceRequest } from './request.ts'
import { badRequest, invalid, unsupportedMediaType } from './status.ts'

/** The write that a request asks for. */
export function writeRequestOf(request: ResourceRequest, options: WriteOptions): WriteRequest {
  const { kind, namespace, name, subresource, user, warnings } = request
  return { kind, namespace, name, subresource, user, options, warnings }
}

/** The object in the body of a create or replace, of the kind that the path names. */
export async function objectFromBody(request: ResourceRequest, options: WriteOptions): Promise<KubeObject> {
  const { value, strictErrors } = await readValue(request, options)
  const object = asObject(value)
  checkKind(request, object)
  const typed = typedObject(request, object)
  reportStrict(request, options, [...strictErrors, ...typed.unknown.map(path => `unknown field "${path}"`)])
  return typed.object
}

/** A body of the request's kind: builtin kinds as their Go type reads them, others pruned; and the fields that it drops. */
export function typedObject(
  request: ResourceRequest,
  object: KubeObject,
): { object: KubeObject; unknown: readonly string[] } {
  const { definition, version } = request.kind
  if (definition.custom) {
    const wrong = decodeError(version.schema, object)
    if (wrong !== undefined) throw badRequest(`${handledAs(request)}: ${wrong}`)
  }
  return asTyped(request.kind, object, message => badRequest(`${handledAs(request)}: ${message}`))
}

/** Refuses (Strict) or warns of (Warn) fields that are unknown or given twice. */
export function reportStrict(request: ResourceRequest, options: WriteOptions, errors: readonly string[]): void {
  if (errors.length === 0 || options.fieldValidation === 'Ignore') return
  if (options.fieldValidation === 'Warn') {
    request.warnings.push(...errors)
    return
  }
  throw badRequest(`${handledAs(request)}: strict decoding error: ${errors.join(', ')}`)
}

/** `ConfigMap in version "v1" cannot be handled as a ConfigMap`: the opening of decoder errors. */
export function handledAs({ kind: { definition, version } }: ResourceRequest, kind = definition.kind): string {
  return `${kind} in version "${version.version}" cannot be handled as a ${definition.kind}`
}

async function readValue(request: ResourceRequest, options: WriteOptions): Promise<DecodedBody> {
  const format = bodyFormat(request.http.headers['content-type'])
  if (!format) throw unknownMediaType()
  const bytes = await readBytes(request.http)
  if (format === 'protobuf') return { value: fromProtobuf(request, bytes), strictErrors: [] }
  const text = bytes.toString('utf8')
  if (text.trim() === '') throw badRequest(`${handledAs(request, '')}: unexpected end of JSON input`)
  if (format === 'json') return parseJsonBody(text, options.fieldValidation !== 'Ignore')
  try {
    return { value: parseYaml(text), strictErrors: [] }
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A small body of a known type, as JSON: what requests beside the path's own kind carry. */
export async function readJsonOrProtobuf(request: ResourceRequest, key: string): Promise<unknown> {
  const format = bodyFormat(request.http.headers['content-type'])
  const bytes = await readBytes(request.http)
  if (format === 'protobuf') return decodeProtobuf(key, openEnvelope(bytes).raw)
  return format === 'yaml' ? parseYaml(bytes.toString('utf8')) : parseJsonBody(bytes.toString('utf8'), false).value
}

function unknownMediaType(): Error {
  return unsupportedMediaType(
    'the body of the request was in an unknown format - accepted media types include: ' +
      'application/json, application/yaml, application/vnd.kubernetes.protobuf',
  )
}

function fromProtobuf(request: ResourceRequest, bytes: Uint8Array): Record<string, unknown> {
  const { definition, version, apiVersion } = request.kind
  try {
    const envelope = openEnvelope(bytes)
    const sent = { apiVersion: envelope.apiVersion || apiVersion, kind: envelope.kind || definition.kind }
    const expected = sent.apiVersion === apiVersion && sent.kind === definition.kind
    return {
      ...sent,
      ...(expected ? decodeProtobuf(goKey(definition.group, version.version, definition.kind), envelope.raw) : {}),
      ...sent,
    }
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`${handledAs(request)}: ${error.message}`)
    throw error
  }
}

/** Whether the body is of the kind and version that the path names; builtin kinds may leave both out. */
function checkKind(request: ResourceRequest, object: KubeObject): void {
  const { definition, apiVersion } = request.kind
  if (definition.custom) {
    checkCustomKind(request, object)
    return
  }
  object.kind ||= definition.kind
  object.apiVersion ||= apiVersion
  if (object.apiVersion === apiVersion && object.kind === definition.kind) return
  const sent = parseApiVersion(object.apiVersion)
  if (object.apiVersion === apiVersion && hasGoType(goKey(sent.group, sent.version, object.kind))) {
    const [from, to] = [`${sent.version}.${object.kind}`, goKey(definition.group, '', definition.kind).replace('/', '')]
    throw badRequest(`${handledAs(request, object.kind)}: converting (${from}) to (${to}): unknown conversion`)
  }
  // Beta versions of the group are known to the decoder, if no longer served.
  if (object.kind === definition.kind && sent.group === definition.group && /^v\d+beta\d+$/.test(sent.version)) {
    throw badRequest(
      `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
    )
  }
  throw badRequest(
    `${handledAs(request, object.kind)}: no kind "${object.kind}" is registered for version "${object.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
  )
}

function checkCustomKind(request: ResourceRequest, object: KubeObject): void {
  const { definition, apiVersion } = request.kind
  const { kind } = object
  if (!kind) throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(object)}'`)
  if (object.apiVersion !== apiVersion) {
    throw badRequest(
      `the API version in the data (${object.apiVersion ?? ''}) does not match the expected API version (${apiVersion})`,
    )
  }
  if (kind === definition.kind) return
  throw invalid({ group: definition.group, resource: kind, name: object.metadata.name ?? '' }, [
    { type: 'FieldValueInvalid', field: 'kind', value: kind, detail: `must be ${definition.kind}` },
  ])
}
