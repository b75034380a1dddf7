import type { FieldError, FieldErrorType } from './field-error.ts'
import { goJson, goNumber, goQuote } from './go-format.ts'

/** A cause of a Status of reason Invalid (metav1.StatusCause). */
export interface StatusCause {
  readonly reason: FieldErrorType
  readonly message: string
  readonly field: string
}

const words: Record<FieldErrorType, string> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTypeInvalid: 'Invalid value',
  InternalError: 'Internal error',
}

const withoutValue: ReadonlySet<FieldErrorType> = new Set([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
])

/**
 * The error without its field, as apimachinery's `field.Error.ErrorBody` writes it. A value
 * that is undefined is left out, null is shown.
 */
export function fieldErrorBody(error: FieldError): string {
  const shown = withoutValue.has(error.type) || error.value === undefined ? '' : `: ${formatValue(error.value)}`
  return `${words[error.type]}${shown}${error.detail === '' ? '' : `: ${error.detail}`}`
}

/**
 * The whole error: `spec.replicas: Invalid value: -1: must be greater than or equal to 0`.
 *
 * @example
 * formatFieldError({ type: 'FieldValueRequired', field: 'spec.a', detail: '' }) // 'spec.a: Required value'
 */
export function formatFieldError(error: FieldError): string {
  return `${error.field === '' ? '<nil>' : error.field}: ${fieldErrorBody(error)}`
}

/** The causes of a Status, one for each error. */
export function causesOf(errors: readonly FieldError[]): StatusCause[] {
  return errors.map(error => ({
    reason: error.type,
    message: fieldErrorBody(error),
    field: error.field === '' ? '<nil>' : error.field,
  }))
}

/**
 * The message of a 422, as apimachinery's `errors.NewInvalid` writes it.
 *
 * @param kind the kind with its group: `Deployment.apps`, or `ConfigMap` for the core group.
 */
export function invalidMessage(kind: string, name: string, errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(formatFieldError))]
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return `${kind} ${goQuote(name)} is invalid${texts.length === 0 ? '' : `: ${list}`}`
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number') return goNumber(value)
  if (typeof value === 'boolean') return String(value)
  return goJson(value)
}
