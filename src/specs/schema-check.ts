import { isObject, valueAt } from '../base/json.ts'
import type { FieldError } from '../kube/field-error.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Schema } from '../kube/schema/types.ts'
import { defaultObject, validateCustomResource, validateMetadata } from '../kube/structural/index.ts'
import { parseFieldPath } from './field-path.ts'

/** A copy with the schema's defaults, as the API server fills them in; it drops nulls of fields that cannot be null. */
export function withSchemaDefaults(schema: Schema, object: KubeObject): KubeObject {
  const copy = structuredClone(object)
  defaultObject(schema, copy)
  // Status is the server's: a default of it does not belong in a file.
  if (object['status'] === undefined) delete copy['status']
  return copy
}

/** What the API server would refuse in a create of an object of a namespaced kind. */
export function checkSchema(schema: Schema, object: KubeObject): FieldError[] {
  const sound = withSchemaDefaults(schema, object)
  const metadata = isObject(sound.metadata) ? { namespace: 'default', ...sound.metadata } : { namespace: 'default' }
  const errors = validateMetadata(metadata, { namespaced: true })
  const found = validateCustomResource(schema, sound, undefined, errors)
    .map(withField)
    .map(error => withValue(error, sound))
  return [...errors, ...found.filter((error, i) => error.type !== 'FieldValueTypeInvalid' || isFirst(found, i))]
}

/** The API server names the field of some number errors in the text only; here it is moved to where it belongs. */
function withField(error: FieldError): FieldError {
  const field = error.field === '' ? / in ([A-Za-z][^ ]*)$/.exec(error.detail)?.[1] : undefined
  return field === undefined ? error : { ...error, type: 'FieldValueTypeInvalid', field }
}

/** Where the API server shows the type that it saw (`"number"`), a person is helped more by the value. */
function withValue(error: FieldError, object: KubeObject): FieldError {
  const wanted = /must be of type (\w+)/.exec(error.detail)?.[1]
  if (error.type !== 'FieldValueTypeInvalid' || wanted === undefined) return error
  return { ...error, value: valueAt(object, parseFieldPath(error.field)), detail: `must be of type ${wanted}` }
}

/** The API server checks numbers twice and reports each. */
function isFirst(errors: readonly FieldError[], at: number): boolean {
  return errors.findIndex(error => error.type === 'FieldValueTypeInvalid' && error.field === errors[at]?.field) === at
}
