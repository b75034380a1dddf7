import { isObject, jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, invalid, tooLong } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { configKey } from '../../../kube/structural/names.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child } from './fields.ts'

/** The most that a config map or secret may hold, in bytes. */
export const dataLimit = 1024 * 1024

const whenImmutable = 'field is immutable when `immutable` is set'

/** Rules of core/v1 ConfigMaps. */
export const configMapStrategy: KindStrategy = {
  applyDefaults(object) {
    dropEmpty(object, ['data', 'binaryData'])
  },
  validateCreate: dataErrors,
  validateUpdate: (object, old) => [...immutableErrors(object, old, ['data', 'binaryData']), ...dataErrors(object)],
  hasGeneration: false,
}

/** Takes out maps that hold nothing: the server does not keep them. */
export function dropEmpty(object: KubeObject, fields: readonly string[]): void {
  for (const field of fields) {
    const value = object[field]
    if (value === null || (isObject(value) && Object.keys(value).length === 0)) delete object[field]
  }
}

/** An object that was marked `immutable: true` keeps its data and its mark. */
export function immutableErrors(object: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (old['immutable'] !== true) return []
  const errors: FieldError[] = []
  if (object['immutable'] !== true) errors.push(forbidden('immutable', whenImmutable))
  for (const field of fields) {
    if (!jsonEqual(object[field] ?? {}, old[field] ?? {})) errors.push(forbidden(field, whenImmutable))
  }
  return errors
}

function dataErrors(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const [data, binary] = [child(object, 'data') ?? {}, child(object, 'binaryData') ?? {}]
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    for (const rule of configKey(key)) errors.push(invalid(`data[${key}]`, key, rule))
    if (Object.hasOwn(binary, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    size += Buffer.byteLength(String(value))
  }
  for (const [key, value] of Object.entries(binary)) {
    for (const rule of configKey(key)) errors.push(invalid(`binaryData[${key}]`, key, rule))
    size += Buffer.byteLength(String(value), 'base64')
  }
  // The server reports this error at an empty path, which it prints as `[]`.
  if (size > dataLimit) errors.push(tooLong('[]', dataLimit))
  return errors
}
