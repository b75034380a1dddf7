import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, list, object, oneOf, text, textMap } from '../schema.ts'
import { durationBelowHours, localReference, readyColumns } from './shared.ts'
import { certSecretRef, interval, latestUrl, neverObserved, statusFields, suspend } from './source-fields.ts'

/** HelmRepository `source.toolkit.fluxcd.io/v1`: a repository of charts, over HTTP or in a registry. */
export const helmRepositoryKind = defineKind({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'HelmRepository',
  plural: 'helmrepositories',
  shortNames: ['helmrepo'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A repository of Helm charts that is followed.',
  columns: [{ name: 'URL', type: 'string', jsonPath: '.spec.url' }, ...readyColumns],
  spec: object(
    'What to follow, and how.',
    {
      accessFrom: object(
        'Reserved; nothing acts on it.',
        {
          namespaceSelectors: list(
            'Namespaces that may use this.',
            object('One rule.', { matchLabels: textMap('Labels of the namespace.') }),
          ),
        },
        ['namespaceSelectors'],
      ),
      certSecretRef,
      insecure: flag('Speak plain HTTP to a registry.'),
      interval,
      passCredentials: flag('Send the credentials to other hosts that the index names, too.'),
      provider: oneOf('How to log in to a registry.', ['generic', 'aws', 'azure', 'gcp'], { default: 'generic' }),
      secretRef: localReference('Secret with `username` and `password`, or of type kubernetes.io/dockerconfigjson.'),
      suspend,
      timeout: text('How long a fetch may take; 60s when absent.', { pattern: durationBelowHours }),
      type: oneOf('`default` is HTTP with an index; `oci` is a registry and stands for itself.', ['default', 'oci']),
      url: text('Where the repository is.', { pattern: '^(http|https|oci)://.*$' }),
    },
    ['url'],
  ),
  status: object('What was fetched last.', { ...statusFields, url: latestUrl }, [], neverObserved),
})

/** A HelmRepository as the API holds it. */
export type HelmRepository = ObjectOf<typeof helmRepositoryKind>
