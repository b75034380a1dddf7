import { FieldSet } from '../fieldset/field-set.ts'
import { type FieldPath, fieldElement } from '../fieldset/path-element.ts'

const at = (...names: string[]): FieldPath => names.map(fieldElement)

/** What nobody owns: identity and what the server itself writes (apimachinery `stripmeta`). The paths alone, not what is below. */
export const neverOwned = FieldSet.of(
  at('apiVersion'),
  at('kind'),
  at('metadata'),
  at('metadata', 'name'),
  at('metadata', 'namespace'),
  at('metadata', 'creationTimestamp'),
  at('metadata', 'selfLink'),
  at('metadata', 'uid'),
  at('metadata', 'clusterName'),
  at('metadata', 'generation'),
  at('metadata', 'managedFields'),
  at('metadata', 'resourceVersion'),
)

/** Reset by the main endpoint of a kind with a status subresource: status is never owned through it. */
export const mainFields: FieldSet = FieldSet.of(at('status'))

/** Reset by the status subresource: spec, and the metadata that it does not write. */
export const statusFields: FieldSet = FieldSet.of(
  at('spec'),
  at('metadata', 'labels'),
  at('metadata', 'annotations'),
  at('metadata', 'deletionTimestamp'),
  at('metadata', 'ownerReferences'),
  at('metadata', 'finalizers'),
)
