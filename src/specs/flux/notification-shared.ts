import { object, oneOf, text, textMap } from '../schema.ts'

/** Kinds whose events and sources Flux's notifications know. */
const kinds = [
  'Bucket',
  'GitRepository',
  'Kustomization',
  'HelmRelease',
  'HelmChart',
  'HelmRepository',
  'ImageRepository',
  'ImagePolicy',
  'ImageUpdateAutomation',
  'OCIRepository',
  'ArtifactGenerator',
  'ExternalArtifact',
] as const

/** The fields of a reference that may point to another namespace and to many objects at once. */
export const manyReferenceFields = {
  apiVersion: text('API version of the object.'),
  kind: oneOf('Kind of the object.', kinds),
  matchLabels: textMap('Labels that the object must have; needs the name `*`.'),
  name: text('Name of the object; `*` means all of the kind.', { maxLength: 253, minLength: 1 }),
  namespace: text('Namespace of the object; that of the referring object when absent.', {
    maxLength: 253,
    minLength: 1,
  }),
} as const

/** A reference to one object, or to all of a kind, in any namespace. */
export const manyReference = (description: string) => object(description, manyReferenceFields, ['kind', 'name'])
