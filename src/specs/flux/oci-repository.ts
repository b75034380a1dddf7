import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, object, oneOf, text } from '../schema.ts'
import { localReference, readyColumns } from './shared.ts'
import {
  certSecretRef,
  ignore,
  interval,
  latestUrl,
  matchOIDCIdentity,
  neverObserved,
  observedIgnore,
  proxySecretRef,
  serviceAccountName,
  signatureProvider,
  statusFields,
  suspend,
  timeout,
} from './source-fields.ts'

const layerSelector = object('Which layer of the artifact is taken; the first when absent.', {
  mediaType: text('Media type of the layer; the first layer of that type is taken.'),
  operation: oneOf('Unpack the layer (the default), or keep it as it is.', ['extract', 'copy']),
})
const [age, ready, status] = readyColumns

/** OCIRepository `source.toolkit.fluxcd.io/v1`: an artifact in a container registry. */
export const ociRepositoryKind = defineKind({
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'OCIRepository',
  plural: 'ocirepositories',
  shortNames: ['ocirepo'],
  categories: ['all', 'fluxcd', 'fluxcd-sources'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'An artifact in a container registry that is followed.',
  columns: [{ name: 'URL', type: 'string', jsonPath: '.spec.url' }, ready, status, age],
  spec: object(
    'What to follow, and how.',
    {
      certSecretRef,
      ignore,
      insecure: flag('Speak plain HTTP to the registry.'),
      interval,
      layerSelector,
      provider: oneOf('How to log in.', ['generic', 'aws', 'azure', 'gcp'], { default: 'generic' }),
      proxySecretRef,
      ref: object('Which artifact; digest wins over semver, semver over tag. `latest` when absent.', {
        digest: text('The digest of a manifest, e.g. `sha256:…`.'),
        semver: text('A range of versions over the tags.'),
        semverFilter: text('Regular expression that tags must match to be looked at by `semver`.'),
        tag: text('A tag.'),
      }),
      secretRef: localReference('Secret of type kubernetes.io/dockerconfigjson.'),
      serviceAccountName,
      suspend,
      timeout,
      url: text('Where the repository is: `oci://host/path`, without a tag.', { pattern: '^oci://.*$' }),
      verify: object(
        'Check signatures.',
        {
          matchOIDCIdentity,
          provider: signatureProvider,
          secretRef: localReference('Secret with the public keys of the signers.'),
          trustedRootSecretRef: localReference('Secret with `trusted_root.json` of a Sigstore of your own.'),
        },
        ['provider'],
      ),
    },
    ['interval', 'url'],
  ),
  status: object(
    'What was fetched last.',
    { ...statusFields, observedIgnore, observedLayerSelector: layerSelector, url: latestUrl },
    [],
    neverObserved,
  ),
})

/** An OCIRepository as the API holds it. */
export type OciRepository = ObjectOf<typeof ociRepositoryKind>
