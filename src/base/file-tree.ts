/**
 * A read-only tree of files: a commit, a folder on disk, or a map in memory.
 * Paths are relative to the root, separated by `/`, without a leading slash; the root is ''.
 */
export interface FileTree {
  /** What stands at a path, or undefined. Links are entries of kind `link` and are never followed. */
  entry(path: string): Promise<TreeEntry | undefined>
  /** The entries of a folder, sorted by name; empty when there is no such folder. */
  list(folder: string): Promise<readonly TreeEntry[]>
  /** The bytes of a file; undefined when there is no regular file at the path. */
  read(path: string): Promise<Buffer | undefined>
}

export interface TreeEntry {
  /** The last part of the path. */
  readonly name: string
  /** The whole path from the root. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** A digest of the content where the tree knows one without reading (a git object id). */
  readonly digest?: string
  /** Set for a file that a commit says can be run. */
  readonly executable?: true
}

/** A tree over texts in memory. */
export function memoryTree(files: Readonly<Record<string, string | Buffer>>): FileTree {
  const content = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]))
  const folders = new Map<string, Map<string, TreeEntry>>([['', new Map()]])
  for (const path of content.keys()) {
    const parts = path.split('/')
    for (let i = 0; i < parts.length; i++) {
      const parent = parts.slice(0, i).join('/')
      const here = parts.slice(0, i + 1).join('/')
      const kind = i === parts.length - 1 ? 'file' : 'folder'
      folders.get(parent)?.set(parts[i]!, { name: parts[i]!, path: here, kind })
      if (kind === 'folder' && !folders.has(here)) folders.set(here, new Map())
    }
  }
  const entry = (path: string): TreeEntry | undefined => {
    if (path === '') return { name: '', path: '', kind: 'folder' }
    const cut = path.lastIndexOf('/')
    return folders.get(cut < 0 ? '' : path.slice(0, cut))?.get(path.slice(cut + 1))
  }
  return {
    entry: async path => entry(path),
    list: async folder => [...(folders.get(folder)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)),
    read: async path => content.get(path),
  }
}
