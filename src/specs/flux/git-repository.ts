import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, integer, list, object, oneOf, text } from '../schema.ts'
import { artifact, conditions, duration, durationBelowHours, localReference, readyColumns } from './shared.ts'

const include = object(
  'One other repository.',
  {
    fromPath: text('Folder of the other repository to copy; its root when absent.'),
    repository: localReference('The GitRepository to copy from.'),
    toPath: text('Folder to copy to; the name of the other repository when absent.'),
  },
  ['repository'],
)

/** GitRepository `source.toolkit.fluxcd.io/v1`: a Git repository to follow. */
export const gitRepositoryKind = defineKind({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  shortNames: ['gitrepo'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A Git repository that is followed.',
  columns: [{ name: 'URL', type: 'string', jsonPath: '.spec.url' }, ...readyColumns],
  spec: object(
    'What to follow, and how.',
    {
      ignore: text('Files to leave out, in the syntax of .gitignore; replaces the built-in list.'),
      include: list('Other repositories whose content is copied into this one.', include),
      interval: text('How often to look for a new revision.', { pattern: duration }),
      provider: oneOf('How to log in; `generic` when absent.', ['generic', 'aws', 'azure', 'github']),
      proxySecretRef: localReference('Secret with `address` and, if needed, `username` and `password` of a proxy.'),
      recurseSubmodules: flag('Also fetch submodules.'),
      ref: object('What to check out; commit wins over name, semver, tag and branch, in this order.', {
        branch: text('A branch; `master` when nothing is said.'),
        commit: text('A commit by its full id.'),
        name: text('A reference by its full name, e.g. `refs/pull/420/head`.'),
        semver: text('A range of versions over the tags.'),
        tag: text('A tag.'),
      }),
      secretRef: localReference('Secret with the credentials.'),
      serviceAccountName: text('Service account whose cloud identity is used.'),
      sparseCheckout: list('Folders to check out; all when absent.', text('A folder.')),
      suspend: flag('Stop following; what is there stays.'),
      timeout: text('How long a fetch may take.', { default: '60s', pattern: durationBelowHours }),
      url: text('Where the repository is, by HTTP, HTTPS or SSH.', { pattern: '^(http|https|ssh)://.*$' }),
      verify: object(
        'Check signatures.',
        {
          mode: oneOf('What must be signed.', ['head', 'HEAD', 'Tag', 'TagAndHEAD'], { default: 'HEAD' }),
          secretRef: localReference('Secret with the public keys of the signers.'),
        },
        ['secretRef'],
      ),
    },
    ['interval', 'url'],
    {
      'x-kubernetes-validations': [
        {
          rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
          message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
        },
      ],
    },
  ),
  status: object(
    'What was fetched last.',
    {
      artifact,
      conditions,
      includedArtifacts: list('What was copied from other repositories.', artifact),
      lastHandledReconcileAt: text('The last `reconcile.fluxcd.io/requestedAt` that was acted on.'),
      observedGeneration: integer('The generation that was handled last.', { format: 'int64' }),
      observedIgnore: text('The `ignore` of the current artifact.'),
      observedInclude: list('The `include` of the current artifact.', include),
      observedRecurseSubmodules: flag('The `recurseSubmodules` of the current artifact.'),
      observedSparseCheckout: list('The `sparseCheckout` of the current artifact.', text('A folder.')),
      sourceVerificationMode: text('The `verify.mode` that was applied last.'),
    },
    [],
    { default: { observedGeneration: -1 } },
  ),
})

/** A GitRepository as the API holds it. */
export type GitRepository = ObjectOf<typeof gitRepositoryKind>
