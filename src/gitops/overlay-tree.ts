import type { FileTree, TreeEntry } from '../base/file-tree.ts'
import type { FileChange } from '../git/index.ts'

/** A tree as changes would make it. Folders that lose their last file stay as empty ones, which no build sees. */
export function overlayTree(tree: FileTree, changes: readonly FileChange[]): FileTree {
  const content = new Map(changes.map(({ path, content: text }) => [path, text]))
  const added = [...content].filter(([, text]) => text !== undefined).map(([path]) => path)
  const fileEntry = (path: string): TreeEntry => ({ name: nameOf(path), path, kind: 'file' })
  const entry = async (path: string): Promise<TreeEntry | undefined> => {
    if (content.has(path)) return content.get(path) === undefined ? undefined : fileEntry(path)
    const there = await tree.entry(path)
    if (there || !added.some(one => one.startsWith(`${path}/`))) return there
    return { name: nameOf(path), path, kind: 'folder' }
  }
  return {
    entry,
    async list(folder) {
      const names = new Map((await tree.list(folder)).map(one => [one.name, one]))
      const start = folder === '' ? '' : `${folder}/`
      for (const [path, text] of content) {
        if (!path.startsWith(start)) continue
        const [name = '', ...deeper] = path.slice(start.length).split('/')
        if (deeper.length === 0 && text === undefined) names.delete(name)
        else if (deeper.length === 0) names.set(name, fileEntry(path))
        else if (text !== undefined && !names.has(name))
          names.set(name, { name, path: `${start}${name}`, kind: 'folder' })
      }
      return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async read(path) {
      if (!content.has(path)) return tree.read(path)
      const text = content.get(path)
      return text === undefined ? undefined : Buffer.from(text)
    },
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
