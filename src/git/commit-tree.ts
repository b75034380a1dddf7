import type { FileTree, TreeEntry } from '../base/file-tree.ts'
import type { GitTreeEntry } from './objects.ts'
import type { Repository } from './repository.ts'

/** A commit as a file tree, read from git objects; nothing is written to disk and no link is ever followed. */
export class CommitTree implements FileTree {
  readonly #repository: Repository
  readonly #commit: string

  constructor(repository: Repository, commit: string) {
    this.#repository = repository
    this.#commit = commit
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const found = await this.#repository.entryAt(this.#commit, path)
    return found && asTreeEntry(found, path)
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    const found = await this.#repository.entryAt(this.#commit, folder)
    if (found?.mode !== '40000') return []
    const entries = await this.#repository.treeEntries(found.id)
    const prefix = folder === '' ? '' : `${folder}/`
    return entries.map(entry => asTreeEntry(entry, prefix + entry.name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  async read(path: string): Promise<Buffer | undefined> {
    const found = await this.#repository.entryAt(this.#commit, path)
    return found && kindOf(found.mode) === 'file' ? this.#repository.blob(found.id) : undefined
  }
}

function asTreeEntry(entry: GitTreeEntry, path: string): TreeEntry {
  const executable = entry.mode === '100755'
  return { name: entry.name, path, kind: kindOf(entry.mode), digest: entry.id, ...(executable && { executable }) }
}

/** What a git file mode stands for. Submodules are `other`: their content is not in the commit. */
export function kindOf(mode: string): TreeEntry['kind'] {
  if (mode === '40000') return 'folder'
  if (mode === '120000') return 'link'
  return mode.startsWith('100') ? 'file' : 'other'
}
