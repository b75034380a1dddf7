import type { FileTree, TreeEntry } from '../../base/file-tree.ts'

/** A tree of which only some folders are shown, and the files beside them on the way (git's cone mode). */
export class SparseTree implements FileTree {
  readonly #tree: FileTree
  readonly #folders: readonly string[]

  constructor(tree: FileTree, folders: readonly string[]) {
    this.#tree = tree
    this.#folders = folders.map(folder => folder.replace(/^(\.?\/)+|\/+$/g, ''))
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const entry = await this.#tree.entry(path)
    return entry !== undefined && this.#shows(entry) ? entry : undefined
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const shown = (await this.#tree.list(folder)).filter(entry => this.#shows(entry))
    // A folder that is shown in part has no digest of its own here: what is hidden in it must not matter.
    return shown.map(entry =>
      entry.kind === 'folder' && !this.#inside(entry.path)
        ? { name: entry.name, path: entry.path, kind: entry.kind }
        : entry,
    )
  }

  async read(path: string): Promise<Buffer | undefined> {
    const entry = await this.entry(path)
    return entry?.kind === 'file' ? this.#tree.read(path) : undefined
  }

  #inside(path: string): boolean {
    return this.#folders.some(folder => folder === '' || path === folder || path.startsWith(`${folder}/`))
  }

  #shows({ path, kind }: TreeEntry): boolean {
    if (path === '' || this.#inside(path)) return true
    if (kind === 'folder') return this.#folders.some(folder => folder.startsWith(`${path}/`))
    const cut = path.lastIndexOf('/')
    const parent = cut < 0 ? '' : `${path.slice(0, cut)}/`
    return this.#folders.some(folder => folder.startsWith(parent))
  }
}
