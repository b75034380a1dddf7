import { integer, list, object, oneOf, text } from '../schema.ts'
import { conditions } from './shared.ts'

/** The status of a HelmRelease. */
export const helmReleaseStatus = object(
  'What was released last.',
  {
    conditions: conditions,
    failures: integer('Failures vs current desired state.', { format: 'int64' }),
    helmChart: text('Namespace/name of HelmChart.'),
    history: list(
      'The releases that were made, newest first, back to the last one that succeeded.',
      object(
        'One release.',
        {
          action: text('Install/upgrade/rollback/uninstall/uninstall-remediation.'),
          apiVersion: text('V2 = Helm 4 digests.'),
          appVersion: text('Version of the application, as the chart says.'),
          chartName: text('Name of the chart.'),
          chartVersion: text('Version of the chart.'),
          configDigest: text('Digest of values.'),
          deleted: text('When it was uninstalled.', { format: 'date-time' }),
          digest: text('Digest of storage object.'),
          firstDeployed: text('When the release was first installed.', { format: 'date-time' }),
          lastDeployed: text('When this revision was made.', { format: 'date-time' }),
          name: text('Name of the release.'),
          namespace: text('Namespace of the release.'),
          ociDigest: text('Chart digest.'),
          status: text('Helm status.'),
          testHooks: {
            description: 'What became of its tests, by name.',
            type: 'object',
            additionalProperties: object('One test.', {
              lastCompleted: text('When it ended.', { format: 'date-time' }),
              lastStarted: text('When it was started.', { format: 'date-time' }),
              phase: text('How it ended.'),
            }),
          } as const,
          version: integer('Helm revision.'),
        },
        [
          'chartName',
          'chartVersion',
          'configDigest',
          'digest',
          'firstDeployed',
          'lastDeployed',
          'name',
          'namespace',
          'status',
          'version',
        ],
      ),
    ),
    installFailures: integer('Compared with install.remediation.retries.', { format: 'int64' }),
    inventory: object(
      'The objects of the release and its CRDs.',
      {
        entries: list(
          'The objects.',
          object('One object.', { id: text('Namespace_name_group_kind.'), v: text('API version without the group.') }, [
            'id',
            'v',
          ]),
        ),
      },
      ['entries'],
    ),
    lastAttemptedConfigDigest: text('Values digest.'),
    lastAttemptedGeneration: integer('The generation that was tried last.', { format: 'int64' }),
    lastAttemptedReleaseAction: oneOf('Drives which remediation is active.', ['install', 'upgrade']),
    lastAttemptedReleaseActionDuration: text('How long the last installation or upgrade took.'),
    lastAttemptedRevision: text('Chart version (+12-hex digest for OCI).'),
    lastAttemptedRevisionDigest: text('OCI only.'),
    lastAttemptedValuesChecksum: text('Replaced by crds.'),
    lastHandledForceAt: text('Last forceAt.'),
    lastHandledReconcileAt: text('Last reconcile.fluxcd.io/requestedAt value seen.'),
    lastHandledResetAt: text('Last resetAt.'),
    lastReleaseRevision: integer('Replaced by crds.'),
    observedCommonMetadataDigest: text('Digest of commonMetadata at the last success.'),
    observedGeneration: integer('Last metadata.generation fully handled.', { format: 'int64' }),
    observedPostRenderersDigest: text('Digest of postRenderers at the last success.'),
    storageNamespace: text('Current storage namespace.', { maxLength: 63, minLength: 1 }),
    upgradeFailures: integer('Compared with upgrade.remediation.retries.', { format: 'int64' }),
  },
  [],
  { default: { observedGeneration: -1 } },
)
