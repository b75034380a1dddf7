import { flag, integer, list, object, oneOf, text } from '../schema.ts'
import { duration } from './shared.ts'

/** spec.install of a HelmRelease. */
export const installOptions = object('How the release is installed.', {
  crds: oneOf('What happens to CRDs of the chart: Skip, Create (the default) what is missing, or CreateReplace.', [
    'Skip',
    'Create',
    'CreateReplace',
  ]),
  createNamespace: flag('Create targetNamespace (only if targetNamespace set).'),
  disableHooks: flag('Run no hooks.'),
  disableOpenAPIValidation: flag('Skip OpenAPI validation.'),
  disableSchemaValidation: flag('Skip values.schema.json.'),
  disableTakeOwnership: flag('Refuse objects that are there already instead of taking them over.'),
  disableWait: flag('Do not wait for readiness.'),
  disableWaitForJobs: flag('Do not wait for jobs to finish.'),
  remediation: object('What follows a failed installation.', {
    ignoreTestFailures: flag('Failed tests are no failure; spec.test.ignoreFailures when absent.'),
    remediateLastFailure: flag('Remediate the last failure too; false when absent.'),
    retries: integer('How often to try again; without end when negative; none when absent.'),
  }),
  replace: flag('Re-use name of deleted release.'),
  serverSideApply: flag('Whether the server merges changes; true when absent.'),
  skipCRDs: flag('Replaced by crds.'),
  strategy: object(
    'What follows a failed installation: remediation, or trying again.',
    {
      name: oneOf('RemediateOnFailure when absent.', ['RemediateOnFailure', 'RetryOnFailure']),
      retryInterval: text('How soon to try again; 5m when absent; only for RetryOnFailure.', { pattern: duration }),
    },
    ['name'],
    {
      'x-kubernetes-validations': [
        {
          message: ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
          rule: "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
        },
      ],
    },
  ),
  timeout: text('How long it may take; spec.timeout when absent.', { pattern: duration }),
})

/** spec.upgrade of a HelmRelease. */
export const upgradeOptions = object('How the release is upgraded.', {
  chartNameChangeStrategy: oneOf('Default Reinstall.', ['InPlaceUpdate', 'Reinstall']),
  cleanupOnFail: flag('Delete new objects on failure.'),
  crds: oneOf('API comment says default Skip, but code uses Create for both install and upgrade when empty.', [
    'Skip',
    'Create',
    'CreateReplace',
  ]),
  disableHooks: flag('Run no hooks.'),
  disableOpenAPIValidation: flag('Skip OpenAPI validation.'),
  disableSchemaValidation: flag('Skip values.schema.json.'),
  disableTakeOwnership: flag('Refuse objects that are there already instead of taking them over.'),
  disableWait: flag('Do not wait for readiness.'),
  disableWaitForJobs: flag('Do not wait for jobs to finish.'),
  force: flag('Replace strategy (client-side only).'),
  preserveValues: flag('Keep the values of the last release under the new ones.'),
  remediation: object('What follows a failed upgrade.', {
    ignoreTestFailures: flag('Failed tests are no failure; spec.test.ignoreFailures when absent.'),
    remediateLastFailure: flag('Remediate the last failure too; true when there are retries, unless said otherwise.'),
    retries: integer('How often to try again; without end when negative; none when absent.'),
    strategy: oneOf('Roll back (when absent) or uninstall.', ['rollback', 'uninstall']),
  }),
  serverSideApply: oneOf('Whether the server merges changes; auto, as at the last release, when absent.', [
    'enabled',
    'disabled',
    'auto',
  ]),
  strategy: object(
    'What follows a failed upgrade: remediation, or trying again.',
    {
      name: oneOf('RemediateOnFailure when absent.', ['RemediateOnFailure', 'RetryOnFailure']),
      retryInterval: text('How soon to try again; 5m when absent; only for RetryOnFailure.', { pattern: duration }),
    },
    ['name'],
    {
      'x-kubernetes-validations': [
        {
          message: ".retryInterval can only be set when .name is 'RetryOnFailure'",
          rule: "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
        },
      ],
    },
  ),
  timeout: text('How long it may take; spec.timeout when absent.', { pattern: duration }),
})

/** spec.rollback of a HelmRelease. */
export const rollbackOptions = object('How a failed upgrade is rolled back.', {
  cleanupOnFail: flag('Delete new objects on failure.'),
  disableHooks: flag('Run no hooks.'),
  disableWait: flag('Do not wait for readiness.'),
  disableWaitForJobs: flag('Do not wait for jobs to finish.'),
  force: flag('Replace strategy (client-side only).'),
  recreate: flag('Without effect.'),
  serverSideApply: oneOf('Whether the server merges changes; auto, as at the last release, when absent.', [
    'enabled',
    'disabled',
    'auto',
  ]),
  timeout: text('How long it may take; spec.timeout when absent.', { pattern: duration }),
})

/** spec.test of a HelmRelease. */
export const testOptions = object('How the release is tested.', {
  enable: flag('Run helm test after install/upgrade.'),
  filters: list(
    'Include/exclude tests.',
    object('One test.', { exclude: flag('Exclude it.'), name: text('Test name.', { maxLength: 253, minLength: 1 }) }, [
      'name',
    ]),
  ),
  ignoreFailures: flag('Test failure does not fail release.'),
  timeout: text('How long it may take; spec.timeout when absent.', { pattern: duration }),
})

/** spec.uninstall of a HelmRelease. */
export const uninstallOptions = object('How the release is uninstalled.', {
  deletionPropagation: oneOf('Propagation.', ['background', 'foreground', 'orphan'], { default: 'background' }),
  disableHooks: flag('Run no hooks.'),
  disableWait: flag('Do not wait for deletion.'),
  keepHistory: flag('Keep release history.'),
  timeout: text('How long it may take; spec.timeout when absent.', { pattern: duration }),
})
