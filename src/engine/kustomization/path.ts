import type { FileTree } from '../../base/file-tree.ts'
import { StepFailure } from '../failure.ts'

/**
 * `spec.path` inside the source: `./`, `/` and empty mean the root, and `..` stops at the root instead of leaving it, as
 * Flux's secure join does.
 */
export function pathInSource(path: string | undefined): string {
  const parts: string[] = []
  for (const part of (path ?? '').split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** Checks that the folder to build exists. A path that vanished stops the reconcile, so nothing is pruned for it. */
export async function checkPath(tree: FileTree, folder: string, asWritten: string | undefined): Promise<void> {
  if (folder === '') return
  const entry = await tree.entry(folder)
  if (entry?.kind === 'folder') return
  const seen = entry === undefined ? 'no such file or directory' : 'not a directory'
  throw new StepFailure('ArtifactFailed', `kustomization path not found: stat ${asWritten ?? folder}: ${seen}`)
}
