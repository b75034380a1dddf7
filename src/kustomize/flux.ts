import type { FileTree, TreeEntry } from '../base/file-tree.ts'
import { checkResources } from './factory.ts'
import { Failure } from './failure.ts'
import type { ImageArgs, Kustomization, PatchArgs } from './kustomization.ts'
import { inTree, maxFileBytes } from './loader.ts'
import { fileNames } from './target.ts'

/** The fields of a Flux Kustomization that change how its folder is built. */
export interface Overrides {
  /** Takes the place of `namespace`. */
  readonly targetNamespace?: string
  /** Takes the place of `namePrefix`. */
  readonly namePrefix?: string
  /** Takes the place of `nameSuffix`. */
  readonly nameSuffix?: string
  /** Appended to `patches`. */
  readonly patches?: readonly PatchArgs[]
  /** Merged into `images` by name; a tag and a digest move together. */
  readonly images?: readonly Pick<ImageArgs, 'name' | 'newName' | 'newTag' | 'digest'>[]
  /** Appended to `components`; only relative folders. */
  readonly components?: readonly string[]
  /** Whether folders of `components` that are not there are passed over. */
  readonly ignoreMissingComponents?: boolean
  /** Takes the place of `buildMetadata`. */
  readonly buildMetadata?: readonly string[]
}

/** The overrides without the components that are not there, where these are to be ignored. */
export async function presentOverrides(tree: FileTree, root: string, overrides: Overrides): Promise<Overrides> {
  if (overrides.ignoreMissingComponents !== true || overrides.components === undefined) return overrides
  const components: string[] = []
  for (const path of overrides.components) {
    const folder = inTree(root, path)
    // A path out of the tree is not missing but wrong; the build says so.
    if (folder === undefined || (await tree.entry(folder)) !== undefined) components.push(path)
  }
  return { ...overrides, components }
}

/** Merges overrides into a kustomization as Flux writes them into the file before it builds. */
export function withOverrides(overrides: Overrides): (file: Kustomization) => Kustomization {
  return file => {
    const merged: Kustomization = { ...file }
    if (overrides.targetNamespace) merged.namespace = overrides.targetNamespace
    if (overrides.namePrefix) merged.namePrefix = overrides.namePrefix
    if (overrides.nameSuffix) merged.nameSuffix = overrides.nameSuffix
    if (overrides.patches?.length) merged.patches = [...(file.patches ?? []), ...overrides.patches]
    if (overrides.components?.length) merged.components = [...(file.components ?? []), ...overrides.components]
    if (overrides.buildMetadata?.length) merged.buildMetadata = [...overrides.buildMetadata]
    if (overrides.images?.length) merged.images = mergeImages(file.images ?? [], overrides.images)
    return merged
  }
}

function mergeImages(own: readonly ImageArgs[], incoming: NonNullable<Overrides['images']>): ImageArgs[] {
  const result = own.map(image => ({ ...image }))
  for (const image of incoming) {
    let same = result.find(other => other.name === image.name)
    if (same === undefined) {
      same = { ...(image.name === undefined ? {} : { name: image.name }) }
      result.push(same)
    }
    if (image.newName) same.newName = image.newName
    if (image.newTag) {
      same.newTag = image.newTag
      delete same.digest
    }
    if (image.digest) {
      same.digest = image.digest
      if (!image.newTag) delete same.newTag
    }
  }
  return result
}

/**
 * The kustomization that Flux makes for a folder without one: every YAML file below it, and every folder with a
 * kustomization file as a base; undefined when the folder has a file.
 *
 * @throws Failure when a YAML file holds something that is no Kubernetes object: one such file fails the build
 */
export async function generatedKustomization(
  tree: FileTree,
  root: string,
  filesRead: Set<string>,
): Promise<Kustomization | undefined> {
  if (await kustomizationIn(tree, root)) return undefined
  const resources: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await sortedEntries(tree, folder)) {
      const relative = `./${root === '' ? entry.path : entry.path.slice(root.length + 1)}`
      if (entry.kind === 'folder') {
        if (await kustomizationIn(tree, entry.path)) resources.push(relative)
        else await walk(entry.path)
      } else if (entry.kind === 'file' && /\.ya?ml$/.test(entry.name)) {
        await check(tree, entry.path, filesRead)
        resources.push(relative)
      }
    }
  }
  await walk(root)
  // An empty file would be an error for kustomize; with a namespace it is a build of nothing, which Flux accepts.
  return resources.length === 0 ? { namespace: '_placeholder' } : { resources }
}

async function sortedEntries(tree: FileTree, folder: string): Promise<TreeEntry[]> {
  return [...(await tree.list(folder))].sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function kustomizationIn(tree: FileTree, folder: string): Promise<boolean> {
  for (const name of fileNames) {
    if ((await tree.entry(folder === '' ? name : `${folder}/${name}`))?.kind === 'file') return true
  }
  return false
}

async function check(tree: FileTree, path: string, filesRead: Set<string>): Promise<void> {
  const bytes = await tree.read(path)
  filesRead.add(path)
  if (bytes === undefined) throw new Failure(`failed to read ${path}`)
  if (bytes.length > maxFileBytes)
    throw new Failure(`${path} is larger than ${maxFileBytes} bytes`, 'E_KUSTOMIZE_LIMIT')
  try {
    checkResources(bytes.toString('utf8'))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(`failed to decode Kubernetes YAML from ${path}: ${error.message}`, 'E_KUSTOMIZE_YAML')
  }
}
