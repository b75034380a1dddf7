import type { FileTree, TreeEntry } from '../../base/file-tree.ts'
import type { Exclusions } from './ignore.ts'

/** A tree without what its exclusions leave out. Links are left out too: Flux's artifacts hold only files and folders. */
export class FilteredTree implements FileTree {
  readonly #tree: FileTree
  readonly #exclusions: Exclusions
  readonly #lists = new Map<string, Promise<readonly TreeEntry[]>>()

  constructor(tree: FileTree, exclusions: Exclusions) {
    this.#tree = tree
    this.#exclusions = exclusions
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const entry = await this.#tree.entry(path)
    return entry !== undefined && (path === '' || (await this.#shows(entry))) ? this.#withDigest(entry) : undefined
  }

  list(folder: string): Promise<readonly TreeEntry[]> {
    let list = this.#lists.get(folder)
    if (list === undefined) {
      list = this.#list(folder)
      this.#lists.set(folder, list)
      list.catch(() => this.#lists.delete(folder))
    }
    return list
  }

  async read(path: string): Promise<Buffer | undefined> {
    return this.#exclusions.excludes(path, false) ? undefined : this.#tree.read(path)
  }

  async #list(folder: string): Promise<readonly TreeEntry[]> {
    const shown: TreeEntry[] = []
    for (const entry of await this.#tree.list(folder)) if (await this.#shows(entry)) shown.push(this.#withDigest(entry))
    return shown
  }

  /** What a folder shows depends on the exclusions too. */
  #withDigest(entry: TreeEntry): TreeEntry {
    if (entry.kind !== 'folder' || entry.digest === undefined) return entry
    return { ...entry, digest: `${entry.digest} ${this.#exclusions.digest}` }
  }

  async #shows(entry: TreeEntry): Promise<boolean> {
    if (entry.kind === 'file') return !this.#exclusions.excludes(entry.path, false)
    if (entry.kind !== 'folder') return false
    if (!this.#exclusions.excludes(entry.path, true)) return true
    return this.#exclusions.reincludes && (await this.list(entry.path)).length > 0
  }
}
