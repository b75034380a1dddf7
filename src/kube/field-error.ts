/** Kinds of field errors, with the words that the Kubernetes API server uses (apimachinery `field.ErrorType`). */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid'
  | 'InternalError'

/** One thing wrong with one field: a cause of a 422 Invalid. */
export interface FieldError {
  readonly type: FieldErrorType
  /** Path in Kubernetes' notation: `spec.containers[0].image`, `metadata.labels[a.b/c]`; '' for the whole object. */
  readonly field: string
  /** The value as it was seen; absent for Required and Forbidden. */
  readonly value?: unknown
  /** The rule that it broke. */
  readonly detail: string
}
