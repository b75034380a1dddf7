import type { FileTree } from '../base/file-tree.ts'
import type { KubeObject } from '../kube/object.ts'
import { BuildContext } from './context.ts'
import { asBuildError, Failure } from './failure.ts'
import { generatedKustomization, type Overrides, presentOverrides, withOverrides } from './flux.ts'
import { Loader, type LoadRestrictor } from './loader.ts'
import { transformationsAnnotation } from './origin.ts'
import { originAnnotation } from './resmap.ts'
import type { Resource } from './resource.ts'
import { Target } from './target.ts'
import { stringsTransformer } from './transformers/labels.ts'
import { sortOrderTransformer } from './transformers/sort-order.ts'
import { emitDocument } from './yaml/emit.ts'
import { objectOf } from './yaml/object.ts'

/** How a build is done. */
export interface BuildOptions {
  /**
   * Which files may be read: `rootOnly` (kustomize's default) only those in or below the folder of the kustomization
   * that names them, `none` any in the tree. Bases may be anywhere in the tree either way.
   */
  readonly loadRestrictor?: LoadRestrictor
  /** What a Flux Kustomization adds to the file, merged as Flux merges it. */
  readonly overrides?: Overrides
  /**
   * Whether a folder without a kustomization file is built from the YAML files below it, and an empty file is a build
   * of nothing: Flux's rules.
   */
  readonly generate?: boolean
  /** Stops the build between files. */
  readonly signal?: AbortSignal
}

/** What a build gives. */
export interface BuildResult {
  /** The objects in the order of the stream, as plain JSON. */
  readonly objects: KubeObject[]
  /** Every file that was read, relative to the tree, sorted: the result changes only when one of them does. */
  readonly filesRead: string[]
  /** The stream as `kustomize build` prints it, byte for byte. */
  yaml(): string
}

/** More objects than this are refused. */
const maxObjects = 100_000

/**
 * Builds the kustomization of a folder: what `kustomize build` (5.7) does, in process, from a tree of files.
 * No program is run and nothing outside the tree is read.
 *
 * @param dir the folder, relative to the tree; '' is the tree itself
 * @throws SluiceError with a code `E_KUSTOMIZE_…` and kustomize's own words
 */
export async function build(tree: FileTree, dir: string, options: BuildOptions = {}): Promise<BuildResult> {
  const filesRead = new Set<string>()
  try {
    const resources = await run(stoppable(tree, options.signal), dir, options, filesRead)
    return {
      objects: resources.map(resource => objectOf(resource.node)),
      filesRead: [...filesRead].sort(),
      yaml: () => resources.map(resource => emitDocument(resource.node)).join('---\n'),
    }
  } catch (error) {
    throw asBuildError(error, dir)
  }
}

async function run(
  tree: FileTree,
  dir: string,
  options: BuildOptions,
  filesRead: Set<string>,
): Promise<readonly Resource[]> {
  const context = new BuildContext()
  const loader = await Loader.at(tree, dir, options.loadRestrictor ?? 'rootOnly', filesRead)
  const overrides = options.overrides && (await presentOverrides(tree, loader.root, options.overrides))
  const generated = options.generate === true ? await generatedKustomization(tree, loader.root, filesRead) : undefined
  const change = overrides === undefined ? undefined : withOverrides(overrides)
  const target =
    generated === undefined
      ? await Target.load(loader, context, { change, allowEmpty: options.generate === true })
      : await Target.of(change === undefined ? generated : change(generated), loader, context)
  const { map } = await target.build()
  if (map.resources.length > maxObjects) {
    throw new Failure(`${map.resources.length} objects, more than ${maxObjects}`, 'E_KUSTOMIZE_LIMIT')
  }
  const file = target.kustomization
  map.transform(sortOrderTransformer(file.sortOptions ?? { order: 'legacy' }))
  const metadata = file.buildMetadata ?? []
  if (metadata.includes('managedByLabel')) {
    const label = { 'app.kubernetes.io/managed-by': managedBy }
    stringsTransformer(label, [{ path: 'metadata/labels', create: true }])(map)
  }
  for (const resource of map.resources) {
    finish(resource, metadata)
    refuseOdd(resource)
  }
  return map.resources
}

/** kustomize writes its own version here; the last one whose behaviour is built is what a reader can act on. */
const managedBy = 'kustomize-v5.7.1'

/** Annotations that kustomize or kyaml use while a build runs; they never appear in a result. */
const internalAnnotations = [
  ...['previousKinds', 'previousNames', 'prefixes', 'suffixes', 'previousNamespaces', 'allowNameChange'].map(internal),
  ...['allowKindChange', 'refBy', 'generatorBehavior', 'needsHashSuffix', 'path', 'index', 'seqindent', 'id'].map(
    internal,
  ),
  'internal.config.kubernetes.io/annotations-migration-resource-id',
  'config.kubernetes.io/path',
  'config.kubernetes.io/index',
  'config.k8s.io/id',
]

function internal(name: string): string {
  return `internal.config.kubernetes.io/${name}`
}

/** Takes out what only the build needed. Annotations become strings on the way, as in kustomize. */
function finish(resource: Resource, metadata: readonly string[]): void {
  const { annotations } = resource
  for (const key of internalAnnotations) annotations.delete(key)
  if (!metadata.includes('originAnnotations')) annotations.delete(originAnnotation)
  if (!metadata.includes('transformerAnnotations')) annotations.delete(transformationsAnnotation)
  resource.setAnnotations(annotations)
}

function refuseOdd(resource: Resource): void {
  const odd = oddKey(resource.node)
  if (odd === undefined) return
  throw new Failure(
    `json: unsupported type: map[interface {}]interface {} (key \`${odd}\` is not a string)`,
    'E_KUSTOMIZE_YAML',
  )
}

function oddKey(node: Resource['node'] | ReturnType<Resource['node']['get']>): string | undefined {
  if (node === undefined || node.kind === 'scalar') return undefined
  if (node.kind === 'mapping' && node.oddKeys !== undefined) return [...node.oddKeys][0]
  for (const child of node.kind === 'mapping' ? node.fields.values() : node.items) {
    const odd = oddKey(child)
    if (odd !== undefined) return odd
  }
  return undefined
}

/** The tree, with a check of the signal before every access. */
function stoppable(tree: FileTree, signal: AbortSignal | undefined): FileTree {
  if (signal === undefined) return tree
  return {
    entry: async path => {
      signal.throwIfAborted()
      return tree.entry(path)
    },
    list: async path => {
      signal.throwIfAborted()
      return tree.list(path)
    },
    read: async path => {
      signal.throwIfAborted()
      return tree.read(path)
    },
  }
}
