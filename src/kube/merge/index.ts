/**
 * The merge rules of Kubernetes: JSON patch, merge patch, strategic merge patch, server-side apply and field ownership.
 * One implementation, used by the sandbox's API server and by the engine. Everything is pure: inputs are never changed.
 * Results share parts with the inputs, so copy a result before changing it in place.
 */
export { FieldSet } from './fieldset/field-set.ts'
export { type FieldPath, formatPath, type PathElement } from './fieldset/path-element.ts'
export { applyJsonPatch, type JsonPatchOperation, parseJsonPatch } from './json-patch.ts'
export { applyManaged } from './managed-fields/apply.ts'
export { conflictMessage } from './managed-fields/conflicts.ts'
export { mainFields, statusFields } from './managed-fields/reset-fields.ts'
export { sameButTimes } from './managed-fields/times.ts'
export type { ApplyRequest, ApplyResult, FieldConflict, ManagedWrite, UpdateRequest } from './managed-fields/types.ts'
export { updateManaged } from './managed-fields/update.ts'
export { applyMergePatch, createMergePatch } from './merge-patch.ts'
export { applyStrategicMergePatch } from './strategic/index.ts'
