import type { FieldError } from '../../../kube/field-error.ts'
import { formatFieldError } from '../../../kube/field-error-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { validateMetadata, validateMetadataUpdate } from '../../../kube/structural/index.ts'
import type { WriteRequest } from './write-request.ts'

/** Fills in defaults, in place. */
export function applyDefaults(request: WriteRequest, object: KubeObject): void {
  request.kind.definition.strategy.applyDefaults?.(object, request.kind.version.version)
}

/** What is wrong with a new object (in its storage version). */
export function validateNew(request: WriteRequest, object: KubeObject): FieldError[] {
  const { namespaced, strategy } = request.kind.definition
  const errors = validateMetadata(object.metadata, { namespaced, name: strategy.nameRule })
  if (strategy.validateCreate && !request.trusted) errors.push(...strategy.validateCreate(object))
  return errors
}

/** What is wrong with a changed object (in its storage version). */
export function validateChange(request: WriteRequest, object: KubeObject, old: KubeObject): FieldError[] {
  const { strategy } = request.kind.definition
  // The registry checks metadata, then each strategy does it again: clients see every such error twice.
  const errors = [
    ...validateMetadataUpdate(object.metadata, old.metadata),
    ...validateMetadataUpdate(object.metadata, old.metadata),
  ]
  const validate = request.subresource === 'status' ? strategy.validateStatusUpdate : strategy.validateUpdate
  if (validate) errors.push(...validate(object, old, error => request.warnings.push(formatFieldError(error))))
  return errors
}
