import type { FileTree, TreeEntry } from '../base/file-tree.ts'
import { markerPath } from '../layout/index.ts'
import { appsFolder, chartsFolder } from './paths.ts'
import { pointerFile } from './read-pointer.ts'

/**
 * The fleet's files with the folder of each application that has a repository of its own taken from there: everything that
 * reads applications sees them all in one tree. What the fleet says of where such an application stands stays the fleet's.
 */
export function mountApps(fleet: FileTree, mounts: ReadonlyMap<string, FileTree>): FileTree {
  if (mounts.size === 0) return fleet
  const treeOf = (path: string): FileTree => {
    const [root, app = ''] = path.split('/', 2)
    return root === appsFolder && path !== pointerFile(app) ? (mounts.get(app) ?? fleet) : fleet
  }
  const entry = async (path: string): Promise<TreeEntry | undefined> => {
    const tree = treeOf(path)
    const found = await tree.entry(path)
    if (tree === fleet || path.split('/').length > 2) return found
    return joined(await fleet.entry(path), found)
  }
  return {
    entry,
    async list(folder) {
      if (folder !== appsFolder) return treeOf(folder).list(folder)
      const names = new Map((await fleet.list(folder)).map(one => [one.name, one]))
      for (const app of mounts.keys()) {
        const found = await entry(`${appsFolder}/${app}`)
        if (found !== undefined) names.set(app, found)
      }
      return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    read: path => treeOf(path).read(path),
  }
}

/** The same as one of these applications sees it: reference charts, and whom secrets are sealed for, are those of its own. */
export function mountOwn(merged: FileTree, own: FileTree): FileTree {
  const isOwn = (path: string) => path === markerPath || path === chartsFolder || path.startsWith(`${chartsFolder}/`)
  return {
    async entry(path) {
      return (isOwn(path) ? own : merged).entry(path)
    },
    list: folder => (isOwn(folder) ? own : merged).list(folder),
    async read(path) {
      if (path === '.sops.yaml') return (await own.read(path)) ?? merged.read(path)
      return (isOwn(path) ? own : merged).read(path)
    },
  }
}

/** The folder in both: it is another one when either is. */
function joined(fleet: TreeEntry | undefined, own: TreeEntry | undefined): TreeEntry | undefined {
  if (fleet === undefined || own === undefined) return own ?? fleet
  const { digest: a } = fleet
  const { digest: b } = own
  return a === undefined || b === undefined ? own : { ...own, digest: `${b}+${a}` }
}
