import type { FileTree, TreeEntry } from '../base/file-tree.ts'
import { memoryTree } from '../base/file-tree.ts'
import type { KubeObject } from '../kube/object.ts'
import { build } from '../kustomize/index.ts'
import { syncPaths } from '../layout/index.ts'
import type { Fleet } from './fleet-input.ts'

/**
 * The objects of a fleet's `flux-system/`, as the engine will apply them: patches of its kustomization.yaml included, the
 * two objects of the synchronization left out. `files` stand in for what the tree has.
 *
 * @throws SluiceError E_KUSTOMIZE_… when the folder cannot be built
 */
export async function builtComponents(
  fleet: Pick<Fleet, 'path' | 'namespace'>,
  tree: FileTree,
  files: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  const { folder } = syncPaths({ clusterConfigPath: fleet.path, systemNamespace: fleet.namespace })
  const { objects } = await build(overlay(tree, files), folder, { generate: true, ...(signal ? { signal } : {}) })
  return objects.filter(object => !isSync(object, fleet.namespace))
}

function isSync({ apiVersion, kind, metadata }: KubeObject, namespace: string): boolean {
  const synced =
    (kind === 'GitRepository' && apiVersion.startsWith('source.toolkit.fluxcd.io/')) ||
    (kind === 'Kustomization' && apiVersion.startsWith('kustomize.toolkit.fluxcd.io/'))
  return synced && metadata.name === namespace && metadata.namespace === namespace
}

/** A tree in which some files say something else. */
export function overlay(tree: FileTree, files: ReadonlyMap<string, string>): FileTree {
  const above = memoryTree(Object.fromEntries(files))
  return {
    entry: async path => (await above.entry(path)) ?? (await tree.entry(path)),
    list: async folder => {
      const entries = new Map<string, TreeEntry>()
      for (const entry of [...(await tree.list(folder)), ...(await above.list(folder))]) entries.set(entry.name, entry)
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    read: async path => (await above.read(path)) ?? (await tree.read(path)),
  }
}
