import type { FieldError } from '../../../kube/field-error.ts'

/** One cause of a Status. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

const titles: Readonly<Record<FieldError['type'], string>> = {
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

const withoutValue = new Set<FieldError['type']>([
  'FieldValueRequired',
  'FieldValueForbidden',
  'FieldValueTooLong',
  'InternalError',
])

/** Field errors as causes of a 422, in the words of apimachinery's `field.Error.ErrorBody`. */
export function causesOf(errors: readonly FieldError[]): StatusCause[] {
  return errors.map(error => ({ reason: error.type, message: bodyOf(error), field: error.field }))
}

function bodyOf(error: FieldError): string {
  const title = titles[error.type]
  const head = withoutValue.has(error.type) || error.value === undefined ? title : `${title}: ${valueText(error.value)}`
  return error.detail === '' ? head : `${head}: ${error.detail}`
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : JSON.stringify(value)
}
