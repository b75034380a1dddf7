import type { FileTree } from '../../../base/file-tree.ts'
import { ArchiveError } from './archive-error.ts'
import { zip } from './gzip.ts'
import { type ArchiveFile, defaultLimits } from './tar-read.ts'
import { writeTar } from './tar-write.ts'

/** All regular files of a tree, bounded as archives are. @throws ArchiveError */
export async function filesOf(tree: FileTree, folder = ''): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = []
  let bytes = 0
  const walk = async (path: string, depth: number): Promise<void> => {
    if (depth > 200) throw new ArchiveError('folders are nested too deeply')
    for (const entry of await tree.list(path)) {
      if (entry.kind === 'folder') await walk(entry.path, depth + 1)
      if (entry.kind !== 'file') continue
      const content = await tree.read(entry.path)
      if (content === undefined) continue
      bytes += content.length
      if (files.length >= defaultLimits.maxEntries || bytes > defaultLimits.maxBytes) {
        throw new ArchiveError(
          `the files have more than ${defaultLimits.maxBytes} bytes or are more than ${defaultLimits.maxEntries}; leave some out with spec.ignore`,
        )
      }
      files.push({ path: entry.path, bytes: content })
    }
  }
  await walk(folder, 0)
  return files
}

/** A tree as `.tar.gz`; equal trees give equal bytes. */
export async function packTree(tree: FileTree): Promise<Buffer> {
  return zip(writeTar(await filesOf(tree)))
}
