import type { FieldError } from '../../../kube/field-error.ts'
import { validateAnnotations, validateLabels } from '../../../kube/structural/validate-metadata.ts'
import { child, type Fields } from './fields.ts'

/** Labels and annotations of a pod template. */
export function templateMetadataErrors(template: Fields | undefined, path: string): FieldError[] {
  const metadata = child(template ?? {}, 'metadata')
  return [
    ...validateLabels(metadata?.['labels'], `${path}.labels`),
    ...validateAnnotations(metadata?.['annotations'], `${path}.annotations`),
  ]
}
