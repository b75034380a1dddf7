import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { isObject, jsonEqual, valueAt } from '../base/json.ts'
import { isKubeObject } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYamlStream } from '../kube/yaml/index.ts'
import { clusterPaths, readFleetTree } from '../layout/index.ts'
import { eksaKindOf, type SizeChange } from '../specs/index.ts'
import type { FleetSync } from './find-sync.ts'
import { sizesIn } from './group-history.ts'
import { clusterIn } from './set-count.ts'

/** What goes when a cluster leaves the fleet, as one state of the branch says it. */
export interface Removal {
  /** The cluster's folder. */
  readonly folder: string
  readonly files: readonly { readonly path: string; readonly text: string }[]
  /** The objects of its files, which the engine prunes. */
  readonly objects: readonly KubeObject[]
  /** Its groups with their sizes, each to nothing. */
  readonly counts: readonly SizeChange[]
}

/**
 * What a cluster has in the tree; undefined when nothing is there. Fails with E_FLEET_REMOVE_REFUSED when the folder holds
 * what neither Sluice nor EKS Anywhere made, or the cluster manages others.
 */
export async function removalIn(
  tree: FileTree,
  sync: Pick<FleetSync, 'path' | 'namespace'>,
  cluster: string,
  lastCluster: boolean,
): Promise<Removal | undefined> {
  const fleet = await readFleetTree(tree, { clusterConfigPath: sync.path, systemNamespace: sync.namespace })
  const found = fleet.clusters.find(one => one.name === cluster)
  const paths = clusterPaths(sync.path, found?.folder ?? cluster)
  if (!found) {
    if ((await tree.entry(paths.root)) === undefined) return undefined
    throw refused(paths.root, `the files of Cluster/${cluster}`, 'a folder of that name without it')
  }
  const there = await filesBelow(tree, paths.root)
  const foreign = there.filter(path => path !== paths.spec && path !== paths.kustomization)
  if (!(await isPlain(tree, paths.kustomization))) foreign.push(paths.kustomization)
  if (foreign.length > 0) {
    throw refused(
      paths.root,
      'eksa-cluster.yaml and its kustomization.yaml alone',
      `${list(foreign)}: not made by Sluice`,
    )
  }
  const files = await Promise.all(
    there.map(async path => ({ path, text: (await tree.read(path))?.toString('utf8') ?? '' })),
  )
  const text = files.find(file => file.path === paths.spec)?.text ?? ''
  const objects = parseYamlStream(text)
    .map(document => document.value)
    .filter(isKubeObject)
  const others = objects.filter(object => eksaKindOf(object) === undefined)
  if (others.length > 0)
    throw refused(
      paths.spec,
      'objects of EKS Anywhere alone',
      list(others.map(one => `${one.kind}/${one.metadata.name}`)),
    )
  refuseManagement(
    clusterIn(text, cluster).object,
    fleet.clusters.map(one => one.name ?? one.folder),
    lastCluster,
  )
  const sizes = sizesIn({ path: paths.spec, cluster, eksctl: undefined }, text) ?? new Map()
  const counts = [...sizes].map(([group, { count, bounds }]) => ({ group, from: bounds ?? count ?? 0, to: 0 }))
  return { folder: paths.root, files, objects, counts }
}

/** The management cluster makes the others: without it nothing would remove their machines. */
function refuseManagement(cluster: KubeObject, all: readonly string[], lastCluster: boolean): void {
  const name = cluster.metadata.name ?? ''
  const manager = valueAt(cluster, ['spec', 'managementCluster', 'name'])
  if (typeof manager === 'string' && manager !== name) return
  const rest = all.filter(one => one !== name)
  if (rest.length > 0) {
    throw refused(
      `Cluster/${name}`,
      'a workload cluster',
      `the management cluster of ${list(rest)}`,
      `Remove ${rest[0]} first.`,
    )
  }
  if (lastCluster) return
  throw refused(
    `Cluster/${name}`,
    'a workload cluster',
    'the management cluster, the last of the fleet',
    'Its machines are not deleted by a commit: it cannot delete itself. Say --last-cluster to take its files away all the same.',
  )
}

/** Fails when applying the commit would leave objects behind, or somebody said that one must stay. */
export function refuseKept(kustomization: KubeObject, live: readonly (KubeObject | undefined)[]): void {
  const named = `Kustomization/${kustomization.metadata.namespace}/${kustomization.metadata.name}`
  if (valueAt(kustomization, ['spec', 'prune']) !== true)
    throw refused(
      named,
      'spec.prune: true',
      'a Kustomization that prunes nothing',
      'The objects would stay without a file in Git.',
    )
  if (valueAt(kustomization, ['spec', 'suspend']) === true)
    throw refused(
      named,
      'one that is not suspended',
      'spec.suspend: true',
      'Resume it first: sluice resume kustomization.',
    )
  const key = 'kustomize.toolkit.fluxcd.io/prune'
  for (const object of live) {
    const said = object?.metadata.annotations?.[key] ?? object?.metadata.labels?.[key]
    if (object && said?.toLowerCase() === 'disabled')
      throw refused(
        `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`,
        'an object that may go',
        `${key}: ${said}`,
      )
  }
}

/** Whether a kustomization.yaml lists the cluster's file and does nothing else. */
async function isPlain(tree: FileTree, path: string): Promise<boolean> {
  const text = (await tree.read(path))?.toString('utf8')
  if (text === undefined) return true
  const [value, ...more] = parseYamlStream(text).map(document => document.value)
  if (!isObject(value) || more.length > 0) return false
  const { apiVersion: _, kind: __, namespace: ___, resources, ...rest } = value
  return jsonEqual(resources, ['eksa-cluster.yaml']) && Object.keys(rest).length === 0
}

async function filesBelow(tree: FileTree, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await tree.list(folder)) {
    if (entry.kind === 'folder') found.push(...(await filesBelow(tree, entry.path)))
    else found.push(entry.path)
  }
  return found
}

function refused(object: string, expected: string, seen: string, next?: string): SluiceError {
  return new SluiceError('E_FLEET_REMOVE_REFUSED', { object, expected, seen, ...(next === undefined ? {} : { next }) })
}

function list(names: readonly string[]): string {
  return `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`
}
