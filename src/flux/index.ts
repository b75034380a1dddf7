export { checkAddress } from './download.ts'
export { fluxOptionsOf } from './from-flags.ts'
export {
  componentOf,
  type FluxManifests,
  instanceLabel,
  labelsOf,
  partOfLabel,
  readManifests,
} from './manifests.ts'
export { checkFluxOptions, type FluxOptions, fluxComponents, fluxDefaults } from './options.ts'
export { pullSecret } from './pull-secret.ts'
export { shapeManifests } from './shape.ts'
export {
  checkManifestDigest,
  type LoadedManifests,
  type LoadOptions,
  loadManifests,
  type ManifestSource,
  officialReleases,
  pinnedRelease,
} from './source.ts'
