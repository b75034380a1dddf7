import { isObject, jsonEqual } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import type { Schema } from '../schema/types.ts'
import { uncorrelated } from './correlate.ts'
import { embeddedMetadataErrors } from './embedded.ts'
import { listTypeErrors } from './list-type.ts'
import { checkerOf } from './schema-checker.ts'

/** How an object is validated. */
export interface ValidateOptions {
  /**
   * The object before an update: errors in fields that the update leaves as they were are not reported
   * (CRD validation ratcheting, KEP-4008).
   */
  readonly old?: unknown
  /** Where the value stands in a larger one, for the errors' fields. Default: the value is the whole object. */
  readonly prefix?: string
}

/**
 * Checks an object against a structural schema, with the API server's wording:
 * types, values, embedded resources' metadata, and uniqueness in lists of type set and map. CEL rules: `validateRules`.
 */
export function validateObject(schema: Schema, object: unknown, options: ValidateOptions = {}): FieldError[] {
  const errors: FieldError[] = validateValues(schema, object, options)
  embeddedMetadataErrors(schema, object, options.prefix ?? '', errors)
  const lists: FieldError[] = []
  listTypeErrors(schema, object, options.prefix ?? '', lists)
  if (lists.length > 0 && !hadListErrors(schema, options.old)) errors.push(...lists)
  return errors
}

/** Only the checks of values (OpenAPI): what the API server does with defaults in schemas, too. */
export function validateValues(schema: Schema, object: unknown, options: ValidateOptions = {}): FieldError[] {
  const errors: FieldError[] = []
  const old = options.old === undefined ? uncorrelated : options.old
  checkerOf(schema)(object, '', old, errors)
  if (errors.length > 0 && old !== uncorrelated && jsonEqual(object, old)) return []
  return options.prefix === undefined ? errors : errors.map(error => rebase(error, options.prefix as string))
}

function hadListErrors(schema: Schema, old: unknown): boolean {
  if (!isObject(old)) return false
  const before: FieldError[] = []
  listTypeErrors(schema, old, '', before)
  return before.length > 0
}

function rebase(error: FieldError, prefix: string): FieldError {
  return { ...error, field: error.field === '' ? prefix : `${prefix}.${error.field}` }
}
