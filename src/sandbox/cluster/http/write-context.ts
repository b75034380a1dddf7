import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { parseYaml } from '../../../kube/yaml/index.ts'
import { asObject, parseJsonBody } from '../write/decode.ts'
import type { WriteOptions } from '../write/options.ts'
import type { WriteRequest } from '../write/write-request.ts'
import { bodyFormat } from './negotiate.ts'
import { readBody } from './read-body.ts'
import type { ResourceRequest } from './request.ts'
import { badRequest, unsupportedMediaType } from './status.ts'

/** The write that a request asks for. */
export function writeRequestOf(request: ResourceRequest, options: WriteOptions): WriteRequest {
  const { kind, namespace, name, subresource, user, warnings } = request
  return { kind, namespace, name, subresource, user, options, warnings }
}

/** The object in the body of a create or replace, of the kind that the path names. */
export async function objectFromBody(request: ResourceRequest, options: WriteOptions): Promise<KubeObject> {
  const format = bodyFormat(request.http.headers['content-type'])
  if (!format) {
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
    )
  }
  const text = await readBody(request.http)
  if (text.trim() === '') throw badRequest('the request body is empty')
  const { value, strictErrors } =
    format === 'json' ? parseJsonBody(text, options.fieldValidation !== 'Ignore') : parseYamlBody(text)
  const object = asObject(value)
  checkKind(request, object, value)
  reportStrict(request, options, strictErrors)
  return object
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
export function handledAs(request: ResourceRequest, kind = request.kind.definition.kind): string {
  const { definition, version } = request.kind
  return `${kind} in version "${version.version}" cannot be handled as a ${definition.kind}`
}

function parseYamlBody(text: string): { value: unknown; strictErrors: readonly string[] } {
  try {
    return { value: parseYaml(text), strictErrors: [] }
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function checkKind(request: ResourceRequest, object: KubeObject, sent: unknown): void {
  const { definition, apiVersion } = request.kind
  if (isObject(sent)) {
    object.kind ??= definition.kind
    object.apiVersion ??= apiVersion
  }
  if (object.kind === '') object.kind = definition.kind
  if (object.apiVersion === '') object.apiVersion = apiVersion
  if (object.apiVersion !== apiVersion || object.kind !== definition.kind) {
    throw badRequest(
      `${handledAs(request, object.kind)}: no kind "${object.kind}" is registered for version "${object.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    )
  }
}
