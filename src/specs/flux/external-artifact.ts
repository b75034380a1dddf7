import { defineKind, type ObjectOf } from '../kind.ts'
import { object, text } from '../schema.ts'
import { artifact, conditions, readyColumns } from './shared.ts'

/** ExternalArtifact `source.toolkit.fluxcd.io/v1`: an artifact that another controller makes and serves. */
export const externalArtifactKind = defineKind({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'ExternalArtifact',
  plural: 'externalartifacts',
  shortNames: ['ea'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'An artifact that another controller makes.',
  columns: [...readyColumns, { name: 'Source', type: 'string', jsonPath: '.spec.sourceRef.name' }],
  spec: object('Where it is from.', {
    sourceRef: object(
      'The object that it is made from.',
      {
        apiVersion: text('API version.'),
        kind: text('Kind.'),
        name: text('Name.'),
        namespace: text('Namespace; this one when absent.'),
      },
      ['kind', 'name'],
    ),
  }),
  status: object('What can be read.', { artifact, conditions }),
})

/** An ExternalArtifact as the API holds it. */
export type ExternalArtifact = ObjectOf<typeof externalArtifactKind>
