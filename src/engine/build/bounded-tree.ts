import { getHeapStatistics } from 'node:v8'
import type { FileTree, TreeEntry } from '../../base/file-tree.ts'

const mebibyte = 1024 * 1024

/**
 * Bytes that one build may read. Parsed YAML takes some twenty times its size, so the bound follows the memory that this
 * process may take: one build that is too large is refused by name instead of ending the engine for all.
 */
export const buildBytes = Math.max(
  mebibyte,
  Math.min(64 * mebibyte, Math.floor(getHeapStatistics().heap_size_limit / 40)),
)

/** A tree that can be read up to a number of bytes. */
export class BoundedTree implements FileTree {
  readonly #tree: FileTree
  readonly #bytes: number
  #left: number

  constructor(tree: FileTree, bytes: number = buildBytes) {
    this.#tree = tree
    this.#bytes = bytes
    this.#left = bytes
  }

  entry(path: string): Promise<TreeEntry | undefined> {
    return this.#tree.entry(path)
  }

  list(folder: string): Promise<readonly TreeEntry[]> {
    return this.#tree.list(folder)
  }

  /** @throws Error when all files that were read are larger than the bound */
  async read(path: string): Promise<Buffer | undefined> {
    const bytes = await this.#tree.read(path)
    this.#left -= bytes?.length ?? 0
    if (this.#left >= 0) return bytes
    throw new Error(
      `${path}: the files of the build are too large: expected at most ${this.#bytes} bytes in all (a fortieth of the memory that the engine may take, 64 MiB at most)`,
    )
  }
}
