import type { FileTree } from '../base/file-tree.ts'
import { sizesIn } from '../fleet/group-history.ts'
import type { FleetFolder, FleetMaker, FleetPlace, FoundEngine } from '../layout/index.ts'
import { markerPath } from '../layout/index.ts'
import { formatSize } from '../specs/index.ts'
import type { Rendering } from './rendering.ts'

/** What was found of one fleet, for people and for `-o json`. */
export interface FleetReport {
  /** Folder in the repository; '' for the root. */
  readonly path: string
  readonly namespace: string
  readonly maker: FleetMaker
  readonly engine: FoundEngine
  /** `before-0.6`: EKS Anywhere's tree without a folder for each cluster. */
  readonly layout: 'current' | 'before-0.6'
  /** What gotk-sync.yaml says; undefined when it is empty or was made by others. */
  readonly sync:
    | {
        readonly url: string | undefined
        readonly branch: string | undefined
        readonly path: string | undefined
        readonly interval: string | undefined
        readonly syncInterval: string | undefined
        readonly secret: string | undefined
      }
    | undefined
  readonly clusters: readonly ClusterReport[]
  /** Files and folders in the fleet's folder that nothing of it explains. */
  readonly notUnderstood: readonly string[]
  readonly notes: readonly string[]
}

export interface ClusterReport {
  readonly name: string
  readonly file: string
  /** Node groups and their sizes: `md-0 3`. */
  readonly groups: readonly { readonly name: string; readonly size: string }[]
}

/** Reads one fleet for the report. */
export async function fleetReport(
  tree: FileTree,
  { place, maker, engine, found }: FleetFolder,
  covered: readonly string[],
): Promise<FleetReport> {
  const { settings } = found.sync
  const clusters: ClusterReport[] = []
  const notes: string[] = []
  for (const { name, folder, spec } of found.clusters) {
    const sizes =
      name === undefined
        ? undefined
        : sizesIn({ path: spec.path, cluster: name }, (await tree.read(spec.path))?.toString('utf8'))
    if (!sizes) notes.push(`${spec.path} cannot be read as a cluster`)
    clusters.push({
      name: name ?? folder,
      file: spec.path,
      groups: [...(sizes ?? [])].map(([group, { autoscaled, bounds, count }]) => ({
        name: group,
        size: formatSize(autoscaled && bounds ? bounds : (count ?? 0)),
      })),
    })
  }
  const path = place.clusterConfigPath
  if (found.sync.origin === 'eks-anywhere')
    notes.push(`${found.sync.path} is empty: EKS Anywhere wrote it and Flux never filled it, so nothing follows it yet`)
  if (found.sync.origin === 'foreign')
    notes.push(`${found.sync.path} is not as flux bootstrap writes it: this folder is not taken over`)
  if (settings && settings.clusterConfigPath !== path)
    notes.push(`${found.sync.path} follows ${shown(settings.clusterConfigPath)}, not its own folder`)
  if (found.kustomization.edited) notes.push(`${found.kustomization.path} has changes of your own, which stay`)
  if (found.rootKustomization !== undefined)
    notes.push(`${found.rootKustomization} lists what is applied: a new cluster has to be added to it`)
  return {
    path,
    namespace: place.systemNamespace,
    maker,
    engine,
    layout: found.oldLayout ? 'before-0.6' : 'current',
    sync: settings && {
      url: settings.url,
      branch: settings.branch,
      path: settings.clusterConfigPath,
      interval: settings.sourceInterval,
      syncInterval: settings.syncInterval,
      secret: settings.secretName,
    },
    clusters,
    // What is YAML, and every folder, is built and applied with the fleet: nothing of that is foreign.
    notUnderstood: (await fileNames(tree, place, found.others)).filter(one => !isCovered(one, covered)),
    notes,
  }
}

/** What at the root of the repository belongs to no fleet and to nothing that a fleet applies. */
export async function outsideOf(
  tree: FileTree,
  fleets: readonly FleetFolder[],
  covered: readonly string[],
): Promise<string[]> {
  if (fleets.some(fleet => fleet.place.clusterConfigPath === '')) return []
  const paths = [...fleets.map(fleet => fleet.place.clusterConfigPath), ...covered]
  const entries = await tree.list('')
  return entries
    .filter(({ name }) => name !== markerPath && !paths.some(path => path === name || path.startsWith(`${name}/`)))
    .map(({ name, kind }) => (kind === 'folder' ? `${name}/` : name))
}

/** Folders that the Kustomizations of a fleet build, but for the fleet's own. */
export function coveredBy(renderings: readonly Rendering[]): string[] {
  return renderings.slice(1).map(one => one.path)
}

async function fileNames(tree: FileTree, place: FleetPlace, names: readonly string[]): Promise<string[]> {
  const folder = place.clusterConfigPath
  const entries = (await tree.list(folder)).filter(
    ({ name, kind }) => names.includes(name) && kind !== 'folder' && name !== markerPath && !/\.ya?ml$/.test(name),
  )
  return entries.map(entry => entry.path)
}

function isCovered(path: string, covered: readonly string[]): boolean {
  return covered.some(one => one === path || one.startsWith(`${path}/`) || path.startsWith(`${one}/`))
}

function shown(path: string | undefined): string {
  return path === undefined || path === '' ? 'the root' : path
}
