import { createHash } from 'node:crypto'
import type { FileTree, TreeEntry } from '../../../base/file-tree.ts'
import { unzip } from './gzip.ts'
import { type ArchiveFile, type ArchiveLimits, defaultLimits, readTar } from './tar-read.ts'

interface Folder {
  readonly entries: Map<string, TreeEntry>
  list: readonly TreeEntry[]
}

/** Files in memory, with a digest for every file and folder: equal digests mean equal content. */
export class ArchiveTree implements FileTree {
  readonly #files = new Map<string, Buffer>()
  readonly #folders = new Map<string, Folder>()
  /** Bytes of all files. */
  readonly size: number

  constructor(files: readonly ArchiveFile[]) {
    let size = 0
    this.#folder('')
    for (const { path, bytes } of files) {
      this.#files.set(path, bytes)
      size += bytes.length
      const cut = path.lastIndexOf('/')
      const name = path.slice(cut + 1)
      const digest = createHash('sha1').update(bytes).digest('hex')
      this.#folder(path.slice(0, Math.max(0, cut))).entries.set(name, { name, path, kind: 'file', digest })
    }
    this.size = size
    this.#seal('')
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    if (path === '') return { name: '', path: '', kind: 'folder' }
    const cut = path.lastIndexOf('/')
    return this.#folders.get(path.slice(0, Math.max(0, cut)))?.entries.get(path.slice(cut + 1))
  }

  async list(folder: string): Promise<readonly TreeEntry[]> {
    return this.#folders.get(folder)?.list ?? []
  }

  async read(path: string): Promise<Buffer | undefined> {
    return this.#files.get(path)
  }

  #folder(path: string): Folder {
    let folder = this.#folders.get(path)
    if (folder === undefined) {
      folder = { entries: new Map(), list: [] }
      this.#folders.set(path, folder)
      if (path !== '') {
        const cut = path.lastIndexOf('/')
        const name = path.slice(cut + 1)
        this.#folder(path.slice(0, Math.max(0, cut))).entries.set(name, { name, path, kind: 'folder' })
      }
    }
    return folder
  }

  /** Sorts a folder and gives it the digest of what is below it. */
  #seal(path: string): string {
    const folder = this.#folders.get(path)!
    const hash = createHash('sha1')
    const sorted = [...folder.entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    const sealed = sorted.map(entry => (entry.kind === 'folder' ? { ...entry, digest: this.#seal(entry.path) } : entry))
    for (const entry of sealed) {
      hash.update(`${entry.kind} ${entry.digest} ${entry.name}\0`)
      folder.entries.set(entry.name, entry)
    }
    folder.list = sealed
    return hash.digest('hex')
  }
}

/** The tree in a `.tar.gz`. @throws ArchiveError */
export async function treeOfArchive(bytes: Buffer, limits: Partial<ArchiveLimits> = {}): Promise<ArchiveTree> {
  const all = { ...defaultLimits, ...limits }
  return new ArchiveTree(readTar(await unzip(bytes, all.maxBytes), all))
}
