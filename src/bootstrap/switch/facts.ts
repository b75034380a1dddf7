import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { formatRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import {
  componentsFile,
  type FoundFleet,
  markerFile,
  markerPath,
  readFleetTree,
  readMarker,
  syncPaths,
} from '../../layout/index.ts'
import { fluxKinds } from '../../specs/index.ts'
import { builtComponents } from '../built-components.ts'
import { type DesiredFile, embeddedComponents } from '../desired-files.ts'
import { sluiceComponents } from '../engine-place.ts'
import type { BootstrapContext } from '../types.ts'

/** The engines of a fleet. */
export type EngineName = 'sluice' | 'flux'

/** What a switch changes, as the repository tells. */
export interface SwitchFacts {
  /** Which engine's components stand in Git now. */
  readonly inGit: EngineName
  readonly files: readonly DesiredFile[]
  /** Objects of `flux-system/` after the switch, patches included. */
  readonly after: readonly KubeObject[]
  /** What goes with the components of the other engine. */
  readonly goes: readonly KubeObject[]
  readonly notes: readonly string[]
}

/** Kinds of which an engine's own objects may go with it; anything else that would go ends the switch. */
const removable = new Set([
  'Deployment',
  'Service',
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'NetworkPolicy',
  'ResourceQuota',
  'PodDisruptionBudget',
])

/**
 * What a switch does to a tree. Nothing but the components file changes: `gotk-sync.yaml` and `kustomization.yaml` are the
 * same for both engines.
 *
 * @throws SluiceError E_ENGINE_SWITCH, E_ENGINE_SWITCH_LOSES
 */
export async function switchFacts(context: BootstrapContext, to: EngineName, tree: FileTree): Promise<SwitchFacts> {
  const { fleet, signal } = context
  const place = { clusterConfigPath: fleet.path, systemNamespace: fleet.namespace }
  const paths = syncPaths(place)
  const inGit = engineIn(await readFleetTree(tree, place))
  const before = (await tree.read(paths.components))?.toString('utf8') ?? ''
  const wanted = inGit === 'flux' && to === 'flux' ? before : textOf(context, to, before)
  const files: DesiredFile[] = [
    { path: paths.components, before, after: wanted, action: wanted === before ? 'keep' : 'update' },
  ]
  const marker = await readMarker(tree)
  if (marker === 'newer' || marker === 'foreign')
    throw refuse(markerPath, 'the marker of this version of Sluice, or no such file', `one that is ${marker}`)
  if (marker === 'absent') files.push({ path: markerPath, before: undefined, after: markerFile, action: 'create' })

  const built = async (text: string): Promise<KubeObject[]> => {
    try {
      return await builtComponents(fleet, tree, new Map([[paths.components, text]]), signal)
    } catch (thrown) {
      const error = asSluiceError(thrown)
      throw new SluiceError('E_ENGINE_SWITCH', {
        object: paths.kustomization,
        expected: `a folder that can be built with the components of ${to === 'flux' ? 'Flux' : 'Sluice'}`,
        seen: error.message,
        next: 'Patches for controllers of the engine that goes have to go first: remove them in Git, then run the command again.',
        cause: error,
      })
    }
  }
  const [old, after] = [await built(before), await built(wanted)]
  const stays = new Set(after.map(object => refKey(refOf(object))))
  const goes = old.filter(object => !stays.has(refKey(refOf(object))))
  const lost = goes.filter(object => !removable.has(object.kind))
  if (lost.length > 0)
    throw new SluiceError('E_ENGINE_SWITCH_LOSES', {
      object: paths.components,
      seen: lost.map(object => formatRef(refOf(object))).join(', '),
    })
  return { inGit, files, after, goes, notes: to === 'sluice' ? notesOf(after) : [] }
}

function textOf(context: BootstrapContext, to: EngineName, before: string): string {
  const { flux, fleet } = context
  if (to === 'sluice') {
    const components = sluiceComponents(context, embeddedComponents(before), before)
    return 'text' in components ? components.text : componentsFile(fleet.namespace, components)
  }
  if (flux === undefined) throw new SluiceError('E_INTERNAL', { object: 'switch', seen: 'no manifests of Flux' })
  return flux.manifests.text
}

function engineIn(found: FoundFleet): EngineName {
  for (const file of [found.components, found.sync, found.kustomization])
    if (file.origin === 'absent' || file.origin === 'foreign')
      throw refuse(
        file.path,
        'a file that Sluice or `flux bootstrap` made',
        file.origin === 'absent' ? 'none' : 'another',
      )
  return found.components.origin === 'sluice' ? 'sluice' : 'flux'
}

/** Kinds that stay although the engine of Sluice does not serve them. */
function notesOf(after: readonly KubeObject[]): string[] {
  const served = new Set(fluxKinds.map(kind => kind.crd().metadata.name))
  const others = after.filter(one => one.kind === 'CustomResourceDefinition' && !served.has(one.metadata.name))
  if (others.length === 0) return []
  const names = others.map(one => one.metadata.name).join(', ')
  return [`the engine of Sluice does not serve ${names}: their objects stay, and nobody acts on them`]
}

export function refuse(object: string, expected: string, seen: string, next?: string): SluiceError {
  return new SluiceError('E_ENGINE_SWITCH', { object, expected, seen, ...(next === undefined ? {} : { next }) })
}
