import type { GitTreeEntry } from './objects.ts'
import type { Repository } from './repository.ts'

/** A file (or link, or submodule) that differs between two trees. */
export interface TreeChange {
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Object id before; undefined when added. */
  readonly before: string | undefined
  /** Object id after; undefined when removed. */
  readonly after: string | undefined
}

/** Walks two trees side by side and enters only folders whose ids differ. Sorted by path. */
export async function diffTrees(
  repository: Repository,
  path: string,
  before: GitTreeEntry | undefined,
  after: GitTreeEntry | undefined,
): Promise<TreeChange[]> {
  const changes: TreeChange[] = []
  await walk(repository, path, before, after, changes)
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function walk(
  repository: Repository,
  path: string,
  before: GitTreeEntry | undefined,
  after: GitTreeEntry | undefined,
  changes: TreeChange[],
): Promise<void> {
  if (before?.id === after?.id && before?.mode === after?.mode) return
  const wasFolder = before?.mode === '40000'
  const isFolder = after?.mode === '40000'
  const old = before && !wasFolder ? before.id : undefined
  const now = after && !isFolder ? after.id : undefined
  if (old !== undefined || now !== undefined) {
    const kind = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed'
    changes.push({ path, kind, before: old, after: now })
  }
  if (!wasFolder && !isFolder) return
  const left = new Map((wasFolder ? await repository.treeEntries(before.id) : []).map(entry => [entry.name, entry]))
  const right = new Map((isFolder ? await repository.treeEntries(after.id) : []).map(entry => [entry.name, entry]))
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    await walk(repository, path === '' ? name : `${path}/${name}`, left.get(name), right.get(name), changes)
  }
}
