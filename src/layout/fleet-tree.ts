import { componentsFile, type EmbeddedComponents, type WrittenComponents } from './components.ts'
import { kustomizationFile } from './kustomization.ts'
import { clusterPaths, syncPaths } from './paths.ts'
import { type SyncSettings, syncFile } from './sync.ts'

/** One cluster's part of a fleet. */
export interface ClusterEntry {
  readonly name: string
  /** The text of eksa-cluster.yaml. */
  readonly spec: string
}

/** What a fleet's folder is made from. */
export interface FleetTreeInput extends SyncSettings {
  /** Undefined when real Flux is used: `flux bootstrap` writes its own components. */
  readonly components: EmbeddedComponents | WrittenComponents | undefined
  /** The management cluster and its workload clusters, in any order. */
  readonly clusters: readonly ClusterEntry[]
}

/**
 * Every file of a fleet, by path: EKS Anywhere's tree.
 *
 * ```
 * <clusterConfigPath>/<systemNamespace>/{gotk-components,gotk-sync,kustomization}.yaml
 * <clusterConfigPath>/<cluster>/eksa-system/{eksa-cluster,kustomization}.yaml
 * ```
 *
 * There is no kustomization.yaml in `<clusterConfigPath>` itself: the engine makes one up that covers all folders, and
 * so a new cluster needs no registration.
 *
 * @throws SluiceError E_LAYOUT_PATH for a path or name that cannot be.
 */
export function fleetTree(input: FleetTreeInput): Map<string, string> {
  const files = syncFiles(input)
  for (const cluster of input.clusters) {
    for (const [path, text] of clusterFiles(input.clusterConfigPath, cluster)) files.set(path, text)
  }
  return files
}

/** The files of `<clusterConfigPath>/<systemNamespace>` alone. */
export function syncFiles(input: SyncSettings & Pick<FleetTreeInput, 'components'>): Map<string, string> {
  const paths = syncPaths(input)
  const files = new Map<string, string>()
  const { components } = input
  if (components !== undefined)
    files.set(
      paths.components,
      'text' in components ? components.text : componentsFile(input.systemNamespace, components),
    )
  files.set(paths.sync, syncFile(input))
  files.set(paths.kustomization, kustomizationFile(['gotk-components.yaml', 'gotk-sync.yaml']))
  return files
}

/** The files of one cluster alone. */
export function clusterFiles(clusterConfigPath: string, cluster: ClusterEntry): Map<string, string> {
  const paths = clusterPaths(clusterConfigPath, cluster.name)
  return new Map([
    [paths.spec, cluster.spec],
    [paths.kustomization, kustomizationFile(['eksa-cluster.yaml'])],
  ])
}
