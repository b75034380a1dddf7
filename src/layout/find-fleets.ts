import type { FileTree } from '../base/file-tree.ts'
import type { FleetPlace } from './paths.ts'
import { type FoundFleet, readFleetTree } from './read-fleet-tree.ts'

/** Who wrote the files of a fleet's folder first. */
export type FleetMaker = 'eks-anywhere' | 'flux' | 'sluice' | 'unknown'

/** The engine that `gotk-components.yaml` installs, as its head says. */
export interface FoundEngine {
  readonly kind: 'flux' | 'sluice' | 'none' | 'unknown'
  /** With a `v`; undefined when the head does not tell. */
  readonly version: string | undefined
  readonly components: readonly string[]
}

/** A folder of a repository that a cluster follows. */
export interface FleetFolder {
  readonly place: FleetPlace
  readonly maker: FleetMaker
  readonly engine: FoundEngine
  readonly found: FoundFleet
  /** Text of gotk-sync.yaml; empty when EKS Anywhere wrote it and `flux bootstrap` never came to fill it. */
  readonly sync: string
}

/** Bounds of the search: a repository may hold anything. */
const maxFolders = 20_000
const maxDepth = 16

/** Every folder of a tree in which a `gotk-sync.yaml` says what a cluster follows, sorted by path. */
export async function findFleets(tree: FileTree, signal?: AbortSignal): Promise<FleetFolder[]> {
  const places: FleetPlace[] = []
  let seen = 0
  const walk = async (folder: string, depth: number): Promise<void> => {
    signal?.throwIfAborted()
    if (depth > maxDepth || ++seen > maxFolders) return
    for (const entry of await tree.list(folder)) {
      if (entry.kind === 'folder') await walk(entry.path, depth + 1)
      else if (entry.kind === 'file' && entry.name === 'gotk-sync.yaml' && folder !== '') places.push(placeOf(folder))
    }
  }
  await walk('', 0)
  return Promise.all(places.map(place => readFleet(tree, place)))
}

/** `<clusterConfigPath>/<systemNamespace>`, the folder of gotk-sync.yaml. */
function placeOf(folder: string): FleetPlace {
  const cut = folder.lastIndexOf('/')
  return { clusterConfigPath: cut < 0 ? '' : folder.slice(0, cut), systemNamespace: folder.slice(cut + 1) }
}

async function readFleet(tree: FileTree, place: FleetPlace): Promise<FleetFolder> {
  const found = await readFleetTree(tree, place)
  const text = async (path: string) => (await tree.read(path))?.toString('utf8') ?? ''
  const engine = engineOf(found, await text(found.components.path))
  return { place, maker: makerOf(found), engine, found, sync: await text(found.sync.path) }
}

function makerOf({ components, kustomization, clusters, sync }: FoundFleet): FleetMaker {
  if (components.origin === 'sluice') return 'sluice'
  const theirs = [kustomization.origin, sync.origin].includes('eks-anywhere')
  // Only EKS Anywhere has cluster files; the Flux below them is the one that it ran.
  if (theirs || clusters.length > 0) return 'eks-anywhere'
  return components.origin === 'flux' || sync.origin === 'flux' ? 'flux' : 'unknown'
}

function engineOf({ components }: FoundFleet, text: string): FoundEngine {
  const head = text.slice(0, 2000)
  const value = (name: string) => new RegExp(`^# ${name}: *(\\S[^\\n]{0,500})$`, 'im').exec(head)?.[1]?.trim()
  const version = value('Flux Version') ?? value('Sluice Version')
  const list = value('Components') ?? ''
  const { origin } = components
  return {
    kind: origin === 'absent' ? 'none' : origin === 'flux' || origin === 'sluice' ? origin : 'unknown',
    version: version !== undefined && /^v\d/.test(version) ? version : undefined,
    components: list === '' ? [] : list.split(',').map(name => name.trim()),
  }
}
