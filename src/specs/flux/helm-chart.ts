import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, list, object, oneOf, text } from '../schema.ts'
import { localReference, readyColumns } from './shared.ts'
import {
  interval,
  latestUrl,
  matchOIDCIdentity,
  neverObserved,
  signatureProvider,
  statusFields,
  suspend,
} from './source-fields.ts'

/** HelmChart `source.toolkit.fluxcd.io/v1`: one chart out of a source. */
export const helmChartKind = defineKind({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'HelmChart',
  plural: 'helmcharts',
  shortNames: ['hc'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A Helm chart out of a source.',
  columns: [
    { name: 'Chart', type: 'string', jsonPath: '.spec.chart' },
    { name: 'Version', type: 'string', jsonPath: '.spec.version' },
    { name: 'Source Kind', type: 'string', jsonPath: '.spec.sourceRef.kind' },
    { name: 'Source Name', type: 'string', jsonPath: '.spec.sourceRef.name' },
    ...readyColumns,
  ],
  spec: object(
    'Which chart.',
    {
      chart: text('Name of the chart in a HelmRepository, or its folder in another source.'),
      ignoreMissingValuesFiles: flag('Go on without values files that are not there.'),
      interval,
      reconcileStrategy: oneOf(
        'What makes a new artifact: a new version of the chart, or a new revision of the source.',
        ['ChartVersion', 'Revision'],
        { default: 'ChartVersion' },
      ),
      sourceRef: object(
        'The source.',
        {
          apiVersion: text('API version.'),
          kind: oneOf('Kind.', ['HelmRepository', 'GitRepository', 'Bucket']),
          name: text('Name, in the same namespace.'),
        },
        ['kind', 'name'],
      ),
      suspend,
      valuesFiles: list('Files whose merged content becomes the values of the chart; later ones win.', text('A path.')),
      verify: object(
        'Check signatures.',
        {
          matchOIDCIdentity,
          provider: signatureProvider,
          secretRef: localReference('Secret with the public keys of the signers.'),
        },
        ['provider'],
      ),
      version: text('A version or a range of versions; without effect for Git and buckets.', { default: '*' }),
    },
    ['chart', 'interval', 'sourceRef'],
    {
      'x-kubernetes-validations': [
        {
          rule: "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
          message: "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
        },
      ],
    },
  ),
  status: object(
    'What was made last.',
    {
      ...statusFields,
      observedChartName: text('Name of the chart of the current artifact.'),
      observedSourceArtifactRevision: text('Revision of the source that the current artifact was made from.'),
      observedValuesFiles: list('Values files of the current artifact.', text('A path.')),
      url: latestUrl,
    },
    [],
    neverObserved,
  ),
})

/** A HelmChart as the API holds it. */
export type HelmChart = ObjectOf<typeof helmChartKind>
