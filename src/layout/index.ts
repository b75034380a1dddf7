export {
  componentLabels,
  componentObjects,
  componentsFile,
  type EmbeddedComponents,
  type WrittenComponents,
} from './components.ts'
export { type EksctlPaths, type EksctlTreeInput, eksctlFiles, eksctlPaths } from './eksctl-tree.ts'
export {
  type EngineComponentsOptions,
  engineComponents,
  engineComponentsFile,
} from './engine-components.ts'
export { engineLabels, engineName, leaderLabel } from './engine-names.ts'
export { type EngineResources, type EngineRights, type EngineSettings, readEngineSettings } from './engine-settings.ts'
export { type FleetFolder, type FleetMaker, type FoundEngine, findFleets } from './find-fleets.ts'
export { type ClusterEntry, clusterFiles, type FleetTreeInput, fleetTree, syncFiles } from './fleet-tree.ts'
export { isImageReference } from './image-reference.ts'
export { kustomizationFile } from './kustomization.ts'
export { type Marker, markerFile, markerPath, readMarker } from './marker.ts'
export {
  type ClusterPaths,
  clusterPaths,
  type FleetPlace,
  fleetDefaults,
  fleetFolder,
  join,
  type SyncPaths,
  syncPaths,
} from './paths.ts'
export {
  type FoundCluster,
  type FoundFile,
  type FoundFleet,
  type FoundSync,
  type Origin,
  readFleetTree,
} from './read-fleet-tree.ts'
export { type SyncSettings, syncFile, syncObjects } from './sync.ts'
