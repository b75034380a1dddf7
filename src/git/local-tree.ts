import { constants } from 'node:fs'
import { lstat, open, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree, TreeEntry } from '../base/file-tree.ts'

/** Bounds of a local tree. */
export interface LocalTreeOptions {
  /** A larger file fails with E_GIT_OBJECT_TOO_LARGE; 64 MiB when absent. */
  readonly maxFileBytes?: number
}

/**
 * A folder on disk as a file tree. Nothing outside the folder can be reached: a path with `..` is not there, and no
 * link is followed, neither as the last part nor on the way. A `.git` at the root is left out.
 */
export function localTree(dir: string, options: LocalTreeOptions = {}): FileTree {
  const maxBytes = options.maxFileBytes ?? 64 * 1024 * 1024
  let root: Promise<string> | undefined
  const rootDir = () => (root ??= realpath(dir).catch(error => Promise.reject(unreadable(dir, error))))

  /** What stands at a path, when every folder on the way is a real folder. */
  const entry = async (path: string): Promise<TreeEntry | undefined> => {
    if (path === '') return { name: '', path: '', kind: 'folder' }
    const parts = path.split('/')
    if (parts.some(part => part === '' || part === '.' || part === '..' || part.includes('\0'))) return undefined
    if (parts[0] === '.git') return undefined
    let here = await rootDir()
    for (const [i, part] of parts.entries()) {
      here = join(here, part)
      const found = await lstat(here).catch(() => undefined)
      if (!found) return undefined
      if (i === parts.length - 1) return { name: part, path, kind: kindOf(found) }
      if (!found.isDirectory()) return undefined
    }
    return undefined
  }

  return {
    entry,
    async list(folder) {
      if ((await entry(folder))?.kind !== 'folder') return []
      const found = await readdir(join(await rootDir(), folder), { withFileTypes: true }).catch(() => [])
      return found
        .filter(item => folder !== '' || item.name !== '.git')
        .map(item => ({
          name: item.name,
          path: folder === '' ? item.name : `${folder}/${item.name}`,
          kind: kindOf(item),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async read(path) {
      if ((await entry(path))?.kind !== 'file') return undefined
      const full = join(await rootDir(), path)
      // O_NOFOLLOW: a link that took the file's place since is refused; O_NONBLOCK: a pipe cannot hold us.
      const file = await open(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(error => {
        if (error.code === 'ENOENT' || error.code === 'ELOOP') return undefined
        throw unreadable(full, error)
      })
      if (!file) return undefined
      try {
        const found = await file.stat()
        if (!found.isFile()) return undefined
        if (found.size > maxBytes)
          throw new SluiceError('E_GIT_OBJECT_TOO_LARGE', {
            object: path,
            expected: `at most ${maxBytes} bytes`,
            seen: `${found.size}`,
          })
        return await file.readFile()
      } finally {
        await file.close()
      }
    },
  }
}

function kindOf(found: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): TreeEntry['kind'] {
  if (found.isFile()) return 'file'
  if (found.isDirectory()) return 'folder'
  return found.isSymbolicLink() ? 'link' : 'other'
}

function unreadable(path: string, error: unknown): SluiceError {
  return new SluiceError('E_FILE_READ', {
    object: path,
    seen: (error as NodeJS.ErrnoException).code ?? String(error),
    cause: error,
  })
}
