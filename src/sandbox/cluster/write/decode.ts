import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { goJsonError } from '../http/go-json-error.ts'
import { scanJson } from '../http/json-text.ts'
import { badRequest } from '../http/status.ts'

/** A parsed body and what the strict decoder has to say about it. */
export interface DecodedBody {
  readonly value: unknown
  /** `duplicate field "data.a"` and so on. */
  readonly strictErrors: readonly string[]
}

/** Parses a JSON body; `what` is the kind that messages name. */
export function parseJsonBody(text: string, checkStrict: boolean): DecodedBody {
  const { duplicates } = scanJson(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badRequest(goJsonError(text) ?? String(error))
  }
  return { value, strictErrors: checkStrict ? [...new Set(duplicates)].map(path => `duplicate field "${path}"`) : [] }
}

/** The object in a body, with `metadata` made sure of; kind and version are checked by the caller. */
export function asObject(value: unknown): KubeObject {
  if (!isObject(value))
    throw badRequest(`json: cannot unmarshal ${jsonType(value)} into Go value of type map[string]interface {}`)
  const { metadata = {} } = value
  if (metadata !== null && !isObject(metadata)) {
    const kind = typeof value['kind'] === 'string' ? value['kind'] : 'Object'
    throw badRequest(
      `json: cannot unmarshal ${jsonType(metadata)} into Go struct field ${kind}.metadata of type v1.ObjectMeta`,
    )
  }
  return { ...value, metadata: { ...metadata } } as KubeObject
}

/** How Go's decoder names a JSON value. */
export function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
