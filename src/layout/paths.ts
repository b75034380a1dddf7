import { SluiceError } from '../base/errors/index.ts'

/** Where a fleet stands in its repository. */
export interface FleetPlace {
  /** Folder of a management cluster and all its workload clusters, as in FluxConfig; '' or `.` for the root. */
  readonly clusterConfigPath: string
  /** Namespace, and folder, of the Flux objects. */
  readonly systemNamespace: string
}

/** Values for fields that a FluxConfig leaves out. */
export const fleetDefaults = {
  branch: 'main',
  systemNamespace: 'flux-system',
  /** The folder of a management cluster's fleet. */
  clusterConfigPath: (managementCluster: string): string => `clusters/${managementCluster}`,
} as const

/**
 * A folder of a repository in its plain form: no `./`, no slash at the end; '' for the root.
 *
 * @throws SluiceError E_LAYOUT_PATH when it is absolute or leads out of the repository.
 */
export function fleetFolder(path: string): string {
  const parts = path.split('/').filter(part => part !== '' && part !== '.')
  const bad =
    path.startsWith('/') ||
    /[\\\u0000-\u001f\u007f]/.test(path) ||
    parts.some(part => part === '..' || /^\.git$/i.test(part))
  if (bad) {
    throw new SluiceError('E_LAYOUT_PATH', {
      object: 'clusterConfigPath',
      expected: 'a relative folder inside the repository',
      seen: JSON.stringify(path),
    })
  }
  return parts.join('/')
}

/** The files that say how the fleet is synchronized. */
export interface SyncPaths {
  readonly folder: string
  readonly components: string
  readonly sync: string
  readonly kustomization: string
}

/** Paths of `<clusterConfigPath>/<systemNamespace>/…`. */
export function syncPaths(place: FleetPlace): SyncPaths {
  const folder = join(fleetFolder(place.clusterConfigPath), label(place.systemNamespace, 'systemNamespace'))
  return {
    folder,
    components: `${folder}/gotk-components.yaml`,
    sync: `${folder}/gotk-sync.yaml`,
    kustomization: `${folder}/kustomization.yaml`,
  }
}

/** The files of one cluster. */
export interface ClusterPaths {
  /** Folder of the cluster, which holds nothing but `eksa-system`. */
  readonly root: string
  readonly folder: string
  /** The cluster spec. */
  readonly spec: string
  readonly kustomization: string
}

/** Paths of `<clusterConfigPath>/<cluster>/eksa-system/…`. */
export function clusterPaths(clusterConfigPath: string, cluster: string): ClusterPaths {
  const root = join(fleetFolder(clusterConfigPath), label(cluster, 'cluster name'))
  const folder = `${root}/eksa-system`
  return { root, folder, spec: `${folder}/eksa-cluster.yaml`, kustomization: `${folder}/kustomization.yaml` }
}

/** Joins a folder ('' for the root) and a name. */
export function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}

function label(name: string, what: string): string {
  if (name.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name)) return name
  throw new SluiceError('E_LAYOUT_PATH', {
    object: what,
    expected: "at most 63 lower case letters, digits and '-'",
    seen: JSON.stringify(name),
  })
}
