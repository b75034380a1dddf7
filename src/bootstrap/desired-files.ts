import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { version } from '../base/version.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseObjects } from '../kube/yaml/index.ts'
import {
  clusterFiles,
  type EmbeddedComponents,
  type FoundFleet,
  readFleetTree,
  readMarker,
  syncFiles,
  syncPaths,
} from '../layout/index.ts'
import { fluxKinds } from '../specs/index.ts'
import { judgeAdoption } from './adoption.ts'
import { eksctlFleetFiles } from './eksctl-fleet.ts'
import { engineSettings, sluiceComponents } from './engine-place.ts'
import type { Fleet } from './fleet-input.ts'
import { syncUrl } from './sync-credential.ts'
import type { BootstrapContext, PlannedEngine } from './types.ts'

/** A file of the fleet, held against what stands in the repository. */
export interface DesiredFile {
  readonly path: string
  readonly action: 'create' | 'update' | 'keep'
  readonly before: string | undefined
  readonly after: string
}

/** What a bootstrap would put into the repository. */
export interface DesiredTree {
  readonly files: readonly DesiredFile[]
  readonly notes: readonly string[]
  /** Why it must not be written without a word of the person; undefined when it may. */
  readonly refusal: SluiceError | undefined
  readonly engine: PlannedEngine
  /** What stands in Git already and stays, because nobody asked for anything else. */
  readonly kept: KeptSync
}

/** What a fleet that stands in Git says of its own synchronization where the specs say nothing. */
export interface KeptSync {
  /** The components of real Flux, which manages itself, in a repository that was imported. */
  readonly fluxComponents: boolean
  readonly sourceInterval?: string
  readonly syncInterval?: string
}

/**
 * What the tree must hold, given what it holds. Files that others made are never overwritten: either they say the same, or
 * the bootstrap is refused with the choice explained. A cluster file that is there wins over the spec that was given,
 * because Git is the source of truth: counts that were changed by commit stay.
 *
 * @throws E_BOOTSTRAP_PATH_IN_USE, E_BOOTSTRAP_NO_MANAGEMENT
 */
export async function desiredFiles(
  context: Pick<BootstrapContext, 'fleet' | 'forge' | 'adopt' | 'flux' | 'place'>,
  tree: FileTree,
): Promise<DesiredTree> {
  const { fleet } = context
  const place = { clusterConfigPath: fleet.path, systemNamespace: fleet.namespace }
  const found = await readFleetTree(tree, place)
  const managed = (await readMarker(tree)) === 'ours'
  refuseForeign(fleet, found, { adopt: context.adopt === true, managed, flux: context.flux, place: context.place })
  const kept = keptSync(found, context)
  const adoption = await judgeAdoption(context, tree, found)
  const files: DesiredFile[] = [adoption.marker]
  const notes: string[] = [...adoption.notes]
  const url = syncUrl(context)
  const standing = await text(tree, syncPaths(place).components)
  const sync = syncFiles({
    systemNamespace: fleet.namespace,
    url,
    branch: fleet.branch,
    clusterConfigPath: fleet.path,
    components: context.flux?.manifests ?? sluiceComponents(context, embeddedComponents(standing), standing),
    ...syncIntervals(fleet, kept),
  })
  const paths = syncPaths(place)
  for (const [path, after] of sync) {
    const before = await text(tree, path)
    // People put their patches into kustomization.yaml: once it is there and complete, it is theirs.
    const theirs =
      (path === paths.kustomization && (found.kustomization.edited || kept.fluxComponents)) ||
      (path === paths.components && kept.fluxComponents)
    files.push({
      path,
      after,
      before,
      action: before === undefined || before.trim() === '' ? 'create' : before === after || theirs ? 'keep' : 'update',
    })
  }
  for (const cluster of fleet.clusters) {
    const old = found.clusters.find(one => one.folder === '' && one.name === cluster.name)
    for (const [standard, after] of clusterFiles(fleet.path, { name: cluster.name, spec: cluster.clusterFile })) {
      // In the layout before 0.6 the cluster stands one folder higher, and stays there.
      const path = old ? `${fleet.path}/eksa-system/${standard.slice(standard.lastIndexOf('/') + 1)}` : standard
      const before = await text(tree, path)
      files.push({ path, after, before, action: before === undefined ? 'create' : 'keep' })
      if (before !== undefined && before !== after && path.endsWith('/eksa-cluster.yaml')) {
        notes.push(
          `${path} differs from ${cluster.source}: Git wins; change the cluster by commit (sluice scale, or git push)`,
        )
      }
    }
  }
  for (const { path, text: after, theirs } of eksctlFleetFiles(fleet)) {
    const before = await text(tree, path)
    const action = before === undefined ? 'create' : theirs || before === after ? 'keep' : 'update'
    files.push({ path, after, before, action })
    if (before !== undefined && before !== after && after === fleet.eksctl?.config) {
      notes.push(
        `${path} differs from ${fleet.eksctl.source}: Git wins; change it by commit (sluice scale, or git push)`,
      )
    }
  }
  return { files, notes, refusal: adoption.refusal, engine: plannedEngine(context, kept, standing), kept }
}

function plannedEngine(
  context: Pick<BootstrapContext, 'flux' | 'place'>,
  { fluxComponents }: KeptSync,
  standing: string | undefined,
): PlannedEngine {
  if (context.flux !== undefined) return { runs: 'flux', version: context.flux.manifests.version }
  if (fluxComponents) return { runs: 'flux' }
  const settings = engineSettings(context, standing)
  return settings === undefined ? { runs: 'process' } : { runs: 'cluster', image: settings.image }
}

function keptSync({ components, sync: { settings } }: FoundFleet, { flux }: Pick<BootstrapContext, 'flux'>): KeptSync {
  return {
    fluxComponents: components.origin === 'flux' && flux === undefined,
    ...(settings?.sourceInterval === undefined ? {} : { sourceInterval: settings.sourceInterval }),
    ...(settings?.syncInterval === undefined ? {} : { syncInterval: settings.syncInterval }),
  }
}

/** How often is looked and applied: as asked for, else as it stands in Git. */
export function syncIntervals({ interval }: Fleet, kept: KeptSync | undefined) {
  const source = interval ?? kept?.sourceInterval
  return {
    ...(source === undefined ? {} : { sourceInterval: source }),
    ...(kept?.syncInterval === undefined ? {} : { syncInterval: kept.syncInterval }),
  }
}

/**
 * The components that an embedded engine puts into `gotk-components.yaml`. Definitions of Flux that stand there and are
 * none of ours stay: without them, all their objects would go.
 */
export function embeddedComponents(standing?: string): EmbeddedComponents {
  const crds = fluxKinds.map(kind => kind.crd())
  const ours = new Set(crds.map(crd => crd.metadata.name))
  const others = definitionsIn(standing).filter(crd => !ours.has(crd.metadata.name))
  return { version, crds: [...crds, ...others] }
}

function definitionsIn(components: string | undefined): KubeObject[] {
  if (components === undefined) return []
  try {
    return parseObjects(components).filter(object => object.kind === 'CustomResourceDefinition')
  } catch {
    // A file that cannot be read is refused as nobody's.
    return []
  }
}

function refuseForeign(
  fleet: Fleet,
  found: FoundFleet,
  {
    adopt,
    managed,
    flux,
    place,
  }: Pick<BootstrapContext, 'flux' | 'place'> & { readonly adopt: boolean; readonly managed: boolean },
): void {
  const refuse = (object: string, seen: string, next?: string): never => {
    throw new SluiceError('E_BOOTSTRAP_PATH_IN_USE', { object, seen, ...(next === undefined ? {} : { next }) })
  }
  const ours = found.components.origin !== 'absent' || found.clusters.length > 0
  // `flux bootstrap` takes a folder with manifests in it; a fleet of EKS Anywhere has its own tree there.
  const mayHold = fleet.clusters.length === 0 && adopt
  if (found.exists && !ours && found.others.length > 0 && !mayHold)
    refuse(fleet.path, `${found.others.slice(0, 5).join(', ')}${found.others.length > 5 ? ', …' : ''}`)
  if (found.rootKustomization !== undefined) {
    refuse(
      found.rootKustomization,
      'a kustomization.yaml of its own, so that new clusters in the folder are not seen',
      'Remove it from Git (the engine covers all folders without it), or choose another clusterConfigPath.',
    )
  }
  if (found.oldLayout && !managed) {
    refuse(
      `${fleet.path}/eksa-system`,
      'the layout of EKS Anywhere before 0.6',
      'Take the repository over as it is with `sluice import`, or move the folder to <path>/<cluster>/eksa-system in one commit.',
    )
  }
  if (found.components.origin === 'flux' && flux === undefined && !managed) {
    refuse(
      found.components.path,
      'the components of real Flux',
      'This fleet is run by real Flux: `sluice import` lets Sluice manage it with Flux as its engine; --engine flux goes on with it.',
    )
  }
  // Who manages it through Sluice goes on with Flux, unless another engine was asked for.
  if (found.components.origin === 'flux' && flux === undefined && place !== undefined) {
    refuse(
      found.components.path,
      'the components of real Flux',
      'Change the engine of a fleet that runs with `sluice engine switch --to sluice`.',
    )
  }
  if (found.components.origin === 'sluice' && flux !== undefined) {
    refuse(
      found.components.path,
      "the components of Sluice's engine",
      'Change the engine of a fleet that runs with `sluice engine switch --to flux`.',
    )
  }
  for (const file of [found.components, found.sync, found.kustomization])
    if (file.origin === 'foreign') refuse(file.path, 'a file that neither Sluice nor Flux made')
  for (const cluster of fleet.clusters) {
    const there = found.clusters.find(one => one.folder === cluster.name)
    if (!there) continue
    if (there.name !== undefined && there.name !== cluster.name) refuse(there.spec.path, `the cluster ${there.name}`)
    for (const file of [there.spec, there.kustomization])
      if (file.origin === 'foreign') refuse(file.path, 'a file that neither Sluice nor EKS Anywhere made')
  }
  const settings = found.sync.settings
  const path = fleet.path === '.' ? '' : fleet.path
  if (settings && (settings.branch !== fleet.branch || settings.clusterConfigPath !== path)) {
    refuse(found.sync.path, `branch ${settings.branch} and path ${settings.clusterConfigPath}`)
  }
  // Without clusters of EKS Anywhere there is none of theirs that must come first.
  const management = fleet.clusters.length === 0 || fleet.clusters.some(cluster => cluster.management)
  if (!management && found.components.origin === 'absent') {
    throw new SluiceError('E_BOOTSTRAP_NO_MANAGEMENT', {
      object: `Cluster/${fleet.management}`,
      seen: `nothing below ${fleet.path}/${fleet.namespace}`,
    })
  }
}

async function text(tree: FileTree, path: string): Promise<string | undefined> {
  return (await tree.read(path))?.toString('utf8')
}
