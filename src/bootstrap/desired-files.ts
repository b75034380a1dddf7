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
  syncFiles,
  syncPaths,
} from '../layout/index.ts'
import { fluxKinds } from '../specs/index.ts'
import { judgeAdoption } from './adoption.ts'
import { eksctlFleetFiles } from './eksctl-fleet.ts'
import { engineSettings, sluiceComponents } from './engine-place.ts'
import type { Fleet } from './fleet-input.ts'
import { syncUrl } from './sync-credential.ts'
import type { BootstrapContext } from './types.ts'

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
  /** Whether the components run Sluice's engine in the cluster. */
  readonly engineInCluster: boolean
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
  refuseForeign(fleet, found, context)
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
    ...(fleet.interval === undefined ? {} : { sourceInterval: fleet.interval }),
  })
  const paths = syncPaths(place)
  for (const [path, after] of sync) {
    const before = await text(tree, path)
    // People put their patches into kustomization.yaml: once it is there and complete, it is theirs.
    const theirs = path === paths.kustomization && found.kustomization.edited
    files.push({
      path,
      after,
      before,
      action: before === undefined || before.trim() === '' ? 'create' : before === after || theirs ? 'keep' : 'update',
    })
  }
  for (const cluster of fleet.clusters) {
    for (const [path, after] of clusterFiles(fleet.path, { name: cluster.name, spec: cluster.clusterFile })) {
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
  return { files, notes, refusal: adoption.refusal, engineInCluster: engineSettings(context, standing) !== undefined }
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
  { adopt = false, flux }: Pick<BootstrapContext, 'adopt' | 'flux'>,
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
  if (found.oldLayout) {
    refuse(
      `${fleet.path}/eksa-system`,
      'the layout of EKS Anywhere before 0.6',
      'Move the folder to <path>/<cluster>/eksa-system as EKS Anywhere 0.6 and later have it, in one commit.',
    )
  }
  if (found.components.origin === 'flux' && flux === undefined) {
    refuse(
      found.components.path,
      'the components of real Flux',
      'This fleet is run by real Flux: say --engine flux to go on with it, or change the engine with `sluice engine switch --to sluice`.',
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
