import { type FileTree, memoryTree, type TreeEntry } from '../base/file-tree.ts'
import { listRemoteRefs, remoteDefaultBranch, withMirror } from '../git/index.ts'
import { markerPath } from '../layout/index.ts'
import { eksctlFleetFiles } from './eksctl-fleet.ts'
import type { BootstrapContext } from './types.ts'

/** Where the branch stands. */
export interface BranchView {
  /** The commit at its tip; undefined when there is no such branch. */
  readonly tip: string | undefined
  /** The branch that a missing one begins at; undefined when the repository is empty. */
  readonly base: string | undefined
  /** Commit of `base`. */
  readonly baseTip: string | undefined
}

type Needed = Pick<BootstrapContext, 'fleet' | 'forge' | 'dataDir' | 'signal'>

/** Looks where the branch stands on the host. The repository must be there. */
export async function lookAtBranch({ fleet, forge, signal }: Omit<Needed, 'dataDir'>): Promise<BranchView> {
  const remote = forge.remote(fleet.owner, fleet.repository)
  const refs = await listRemoteRefs(remote, { signal })
  const tip = refs.get(`refs/heads/${fleet.branch}`)
  if (tip !== undefined || refs.size === 0) return { tip, base: undefined, baseTip: undefined }
  const base = await remoteDefaultBranch(remote, { signal })
  return { tip, base, baseTip: refs.get(`refs/heads/${base}`) }
}

/**
 * The part of a repository that planning reads, in memory: its root's names, the marker, and everything in the fleet's
 * folder. Empty when the branch, and the one that it would begin at, have no commit.
 */
export async function readRepository(context: Needed, { tip, base, baseTip }: BranchView): Promise<FileTree> {
  const { fleet, forge, signal } = context
  const commit = tip ?? baseTip
  if (commit === undefined) return memoryTree({})
  const ref = `refs/heads/${tip === undefined ? base : fleet.branch}`
  return await withMirror(context, 'bootstrap', async mirror => {
    const got = await mirror.fetch(forge.remote(fleet.owner, fleet.repository), ref, { signal, commit })
    const beside = eksctlFleetFiles(fleet).map(file => file.path)
    return await snapshot(mirror.tree(got.commit), fleet.path === '.' ? '' : fleet.path, [markerPath, ...beside])
  })
}

/** Copies what is needed, so that the mirror can be closed. */
async function snapshot(tree: FileTree, folder: string, beside: readonly string[]): Promise<FileTree> {
  const files: Record<string, Buffer> = {}
  const keep = async (path: string) => {
    const bytes = await tree.read(path)
    if (bytes) files[path] = bytes
  }
  const walk = async (path: string): Promise<void> => {
    for (const entry of await tree.list(path)) {
      if (entry.kind === 'folder') await walk(entry.path)
      else if (entry.kind === 'file') await keep(entry.path)
    }
  }
  const root = await tree.list('')
  await walk(folder)
  for (const path of beside) await keep(path)
  return withRoot(memoryTree(files), root)
}

/** A tree whose root lists everything that stands there, read or not. */
function withRoot(tree: FileTree, root: readonly TreeEntry[]): FileTree {
  return {
    entry: async path => (await tree.entry(path)) ?? root.find(one => one.path === path),
    list: folder => (folder === '' ? Promise.resolve(root) : tree.list(folder)),
    read: path => tree.read(path),
  }
}
