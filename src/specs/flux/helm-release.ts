import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, integer, list, object, oneOf, text, textMap } from '../schema.ts'
import {
  installOptions,
  rollbackOptions,
  testOptions,
  uninstallOptions,
  upgradeOptions,
} from './helm-release-actions.ts'
import { helmReleaseStatus } from './helm-release-status.ts'
import { duration, localReference, readyColumns, selector } from './shared.ts'

/** HelmRelease `helm.toolkit.fluxcd.io/v2`: a chart that is released with values. */
export const helmReleaseKind = defineKind({
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  kind: 'HelmRelease',
  plural: 'helmreleases',
  shortNames: ['hr'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A chart that is released with values.',
  columns: readyColumns,
  spec: object(
    'Cross-field rule.',
    {
      chart: object(
        'Template of the HelmChart that is made in the namespace of the source.',
        {
          metadata: object('Labels and annotations for the HelmChart.', {
            annotations: textMap('Annotations for HelmChart.'),
            labels: textMap('Labels for HelmChart.'),
          }),
          spec: object(
            'Which chart.',
            {
              chart: text('Name or path.', { maxLength: 2048, minLength: 1 }),
              ignoreMissingValuesFiles: flag('Whether files of valuesFiles may be missing.'),
              interval: text('How often to look for a new chart; spec.interval when absent.', { pattern: duration }),
              reconcileStrategy: oneOf(
                'What makes a new chart: another version of it, or another revision of its source.',
                ['ChartVersion', 'Revision'],
                { default: 'ChartVersion' },
              ),
              sourceRef: object(
                'Where the chart is.',
                {
                  apiVersion: text('Optional.'),
                  kind: oneOf('Kind.', ['HelmRepository', 'GitRepository', 'Bucket']),
                  name: text('Name.', { maxLength: 253, minLength: 1 }),
                  namespace: text('Default own namespace.', { maxLength: 63, minLength: 1 }),
                },
                ['kind', 'name'],
              ),
              valuesFiles: list(
                'Values files of the chart, in order of precedence.',
                text('A path in the chart or in its source.'),
              ),
              verify: object(
                'How the signature of the chart is checked.',
                {
                  provider: oneOf('Signing tech.', ['cosign', 'notation'], { default: 'cosign' }),
                  secretRef: localReference('Secret with the trusted keys.'),
                },
                ['provider'],
              ),
              version: text('Semver range.', { default: '*' }),
            },
            ['chart', 'sourceRef'],
          ),
        },
        ['spec'],
      ),
      chartRef: object(
        'A HelmChart, OCIRepository or ExternalArtifact that holds the chart.',
        {
          apiVersion: text('Optional.'),
          kind: oneOf('Kind.', ['OCIRepository', 'HelmChart', 'ExternalArtifact']),
          name: text('Name.', { maxLength: 253, minLength: 1 }),
          namespace: text('Namespace.', { maxLength: 63, minLength: 1 }),
        },
        ['kind', 'name'],
      ),
      commonMetadata: object('Via post-renderer.', {
        annotations: textMap('Annotations.'),
        labels: textMap('Labels.'),
      }),
      dependsOn: list(
        'HelmReleases only.',
        object(
          'One of them.',
          { name: text('Name.'), namespace: text('Default own namespace.'), readyExpr: text('CEL self/dep.') },
          ['name'],
        ),
      ),
      driftDetection: object('What to do about changes that others made to objects of the release.', {
        ignore: list(
          'Ignore rules.',
          object(
            'One rule.',
            {
              paths: list('JSON pointers; "" path = whole object.', text('A JSON pointer (RFC 6901).')),
              target: selector,
            },
            ['paths'],
          ),
        ),
        mode: oneOf('Default disabled.', ['enabled', 'warn', 'disabled']),
      }),
      healthCheckExprs: list(
        'CEL expressions that tell the health of custom kinds.',
        object(
          'One kind.',
          {
            apiVersion: text('API version of the kind.'),
            current: text('True when the object is healthy.'),
            failed: text('True when it has failed.'),
            inProgress: text('True while it is being changed; asked first.'),
            kind: text('The kind.'),
          },
          ['apiVersion', 'current'],
        ),
      ),
      install: installOptions,
      interval: text('How often to look at the release again.', { pattern: duration }),
      kubeConfig: object(
        'Remote cluster.',
        {
          configMapRef: localReference('ConfigMap that describes a login without a secret.'),
          secretRef: object('Secret with a kubeconfig.', { key: text('Key.'), name: text('Secret.') }, ['name']),
        },
        [],
        {
          'x-kubernetes-validations': [
            {
              message: 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified',
              rule: 'has(self.configMapRef) || has(self.secretRef)',
            },
            {
              message: 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified',
              rule: '!has(self.configMapRef) || !has(self.secretRef)',
            },
          ],
        },
      ),
      maxHistory: integer('Helm storage revisions kept; default 5, 0 = unlimited.'),
      persistentClient: flag('Default true.'),
      postRenderStrategy: oneOf(
        'Which objects post-renderers see: all together (combined, the default), hooks apart (separate), or no hooks (nohooks).',
        ['nohooks', 'combined', 'separate'],
      ),
      postRenderers: list(
        'Changes to what the chart renders, in order.',
        object('One step.', {
          kustomize: object('Changes made with kustomize.', {
            images: list(
              'Images to replace.',
              object(
                'One image.',
                {
                  digest: text('Digest to use; wins over the tag.'),
                  name: text('Name of the image without a tag.'),
                  newName: text('Name to use instead.'),
                  newTag: text('Tag to use.'),
                },
                ['name'],
              ),
            ),
            patches: list(
              'Patches, strategic merge or JSON 6902.',
              object('One patch.', { patch: text('The patch, as YAML.'), target: selector }, ['patch']),
            ),
          }),
        }),
      ),
      releaseName: text('Helm release name; default [targetNamespace-]name.', { maxLength: 53, minLength: 1 }),
      rollback: rollbackOptions,
      serviceAccountName: text('Impersonated SA.', { maxLength: 253, minLength: 1 }),
      storageNamespace: text('Helm Secret storage namespace; default own namespace.', { maxLength: 63, minLength: 1 }),
      suspend: flag('Leave the release alone.'),
      targetNamespace: text('Release namespace; default own namespace.', { maxLength: 63, minLength: 1 }),
      test: testOptions,
      timeout: text('Per-operation, default 5m.', { pattern: duration }),
      uninstall: uninstallOptions,
      upgrade: upgradeOptions,
      values: {
        description: 'Values, which win over those of valuesFrom.',
        'x-kubernetes-preserve-unknown-fields': true,
      } as const,
      valuesFrom: list(
        'Value sources in order.',
        object(
          'One source of values.',
          {
            kind: oneOf('Its kind.', ['Secret', 'ConfigMap']),
            literal: flag('With targetPath: like --set-literal.'),
            name: text('Same namespace.', { maxLength: 253, minLength: 1 }),
            optional: flag('Tolerate missing.'),
            targetPath: text(
              'Path of one value that the key holds, in the syntax of helm --set; the key holds YAML when absent.',
              { maxLength: 250, pattern: '^([a-zA-Z0-9_\\-.\\\\\\/]|\\[[0-9]{1,5}\\])+$' },
            ),
            valuesKey: text('Default values.yaml.', { maxLength: 253, pattern: '^[\\-._a-zA-Z0-9]+$' }),
          },
          ['kind', 'name'],
        ),
      ),
      waitStrategy: object(
        'How readiness is found out.',
        { name: oneOf('Default poller (kstatus).', ['poller', 'legacy']) },
        ['name'],
      ),
    },
    ['interval'],
    {
      'x-kubernetes-validations': [
        {
          message: 'either chart or chartRef must be set',
          rule: '(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))',
        },
      ],
    },
  ),
  status: helmReleaseStatus,
})

/** A HelmRelease as the API holds it. */
export type HelmRelease = ObjectOf<typeof helmReleaseKind>
