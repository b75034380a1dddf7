import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, object, oneOf, text } from '../schema.ts'
import { localReference, readyColumns } from './shared.ts'
import {
  certSecretRef,
  ignore,
  interval,
  latestUrl,
  neverObserved,
  observedIgnore,
  proxySecretRef,
  serviceAccountName,
  statusFields,
  suspend,
  timeout,
} from './source-fields.ts'

/** Bucket `source.toolkit.fluxcd.io/v1`: the objects of a bucket in object storage. */
export const bucketKind = defineKind({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Bucket',
  plural: 'buckets',
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A bucket of object storage that is followed.',
  columns: [{ name: 'Endpoint', type: 'string', jsonPath: '.spec.endpoint' }, ...readyColumns],
  spec: object(
    'What to follow, and how.',
    {
      bucketName: text('Name of the bucket.'),
      certSecretRef,
      endpoint: text('Host of the storage, with a port if needed.'),
      ignore,
      insecure: flag('Speak plain HTTP to the storage.'),
      interval,
      prefix: text('Only objects whose key begins with this.'),
      provider: oneOf('Whose API it is.', ['generic', 'aws', 'gcp', 'azure'], { default: 'generic' }),
      proxySecretRef,
      region: text('Region of the bucket.'),
      secretRef: localReference('Secret with the credentials.'),
      serviceAccountName,
      sts: object(
        'A service that gives credentials that last for a while.',
        {
          certSecretRef,
          endpoint: text('Address of the service.', { pattern: '^(http|https)://.*$' }),
          provider: oneOf('Kind of the service.', ['aws', 'ldap']),
          secretRef: localReference('Secret with `username` and `password` for the service.'),
        },
        ['endpoint', 'provider'],
      ),
      suspend,
      timeout,
    },
    ['bucketName', 'endpoint', 'interval'],
    {
      'x-kubernetes-validations': [
        {
          rule: "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
          message: "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
        },
        {
          rule: "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
          message: "'aws' is the only supported STS provider for the 'aws' Bucket provider",
        },
        {
          rule: "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
          message: "'ldap' is the only supported STS provider for the 'generic' Bucket provider",
        },
        {
          rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)",
          message: "spec.sts.secretRef is not required for the 'aws' STS provider",
        },
        {
          rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)",
          message: "spec.sts.certSecretRef is not required for the 'aws' STS provider",
        },
        {
          rule: "self.provider != 'generic' || !has(self.serviceAccountName)",
          message: "ServiceAccountName is not supported for the 'generic' Bucket provider",
        },
        {
          rule: '!has(self.secretRef) || !has(self.serviceAccountName)',
          message: 'cannot set both .spec.secretRef and .spec.serviceAccountName',
        },
      ],
    },
  ),
  status: object('What was fetched last.', { ...statusFields, observedIgnore, url: latestUrl }, [], neverObserved),
})

/** A Bucket as the API holds it. */
export type Bucket = ObjectOf<typeof bucketKind>
