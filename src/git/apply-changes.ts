import { SluiceError } from '../base/errors/index.ts'
import { type GitTreeEntry, type NewObject, newObject, treeObject } from './objects.ts'
import type { Repository } from './repository.ts'
import { checkTreePath } from './tree-path.ts'
import type { FileChange } from './types.ts'

/** What a set of changes makes of a tree. */
export interface AppliedChanges {
  /** The id of the new root tree. */
  readonly tree: string
  /** Blobs and trees that are new with it. */
  readonly objects: readonly NewObject[]
  /** The paths that really differ from before, sorted. */
  readonly paths: readonly string[]
}

/** A folder on its way to becoming a tree object: children by name; files as entries. */
interface Draft {
  readonly folders: Map<string, Draft>
  readonly entries: Map<string, GitTreeEntry>
  /** The folder as it was, not yet read. */
  base: string | undefined
}

/**
 * Applies changes to a tree and builds the new tree objects; only folders on a changed path are read. A change whose
 * content is there already counts as none. Fails with E_GIT_PATH_INVALID for a path that cannot stand in a repository,
 * that comes twice, or that puts a file where a folder with other files is.
 */
export async function applyChanges(
  repository: Repository,
  baseTree: string | undefined,
  changes: readonly FileChange[],
): Promise<AppliedChanges> {
  const objects: NewObject[] = []
  const paths: string[] = []
  const seen = new Set<string>()
  const root: Draft = { folders: new Map(), entries: new Map(), base: baseTree }
  // Removals first, so that a file can take the place of a folder that is emptied by the same change.
  const ordered = [...changes].sort((a, b) => Number(a.content !== undefined) - Number(b.content !== undefined))
  for (const change of ordered) {
    checkTreePath(change.path)
    if (seen.has(change.path)) throw collision(change.path, 'the same path twice')
    seen.add(change.path)
    if (await applyOne(repository, root, change, objects)) paths.push(change.path)
  }
  const tree = (await finish(repository, root, objects)) ?? treeObject([])
  if (typeof tree !== 'string') objects.push(tree)
  return { tree: typeof tree === 'string' ? tree : tree.id, objects, paths: paths.sort() }
}

async function applyOne(
  repository: Repository,
  root: Draft,
  change: FileChange,
  objects: NewObject[],
): Promise<boolean> {
  const parts = change.path.split('/')
  const name = parts.pop()!
  let here = root
  for (const part of parts) {
    await load(repository, here)
    let next = here.folders.get(part)
    if (!next) {
      if (here.entries.has(part)) {
        if (change.content === undefined) return false
        throw collision(change.path, `a file where the folder ${part} should be`)
      }
      if (change.content === undefined) return false
      next = { folders: new Map(), entries: new Map(), base: undefined }
      here.folders.set(part, next)
    }
    here = next
  }
  await load(repository, here)
  const before = here.entries.get(name)
  if (change.content === undefined) return here.entries.delete(name)
  if (here.folders.has(name)) {
    if (!(await isEmpty(repository, here.folders.get(name)!))) throw collision(change.path, 'a folder with files in it')
    here.folders.delete(name)
  }
  const blob = newObject('blob', Buffer.from(change.content))
  const executable = change.executable ?? before?.mode === '100755'
  const mode = executable ? '100755' : '100644'
  if (before?.id === blob.id && before.mode === mode) return false
  here.entries.set(name, { name, mode, id: blob.id })
  objects.push(blob)
  return true
}

/** Reads a folder's entries into its draft, once. */
async function load(repository: Repository, draft: Draft): Promise<void> {
  if (draft.base === undefined) return
  const entries = await repository.treeEntries(draft.base)
  draft.base = undefined
  for (const entry of entries) {
    if (entry.mode === '40000')
      draft.folders.set(entry.name, { folders: new Map(), entries: new Map(), base: entry.id })
    else draft.entries.set(entry.name, entry)
  }
}

async function isEmpty(repository: Repository, draft: Draft): Promise<boolean> {
  await load(repository, draft)
  if (draft.entries.size > 0) return false
  for (const folder of draft.folders.values()) if (!(await isEmpty(repository, folder))) return false
  return true
}

/** The tree id of a draft; undefined when nothing is left in it: git has no empty folders. */
async function finish(repository: Repository, draft: Draft, objects: NewObject[]): Promise<string | undefined> {
  if (draft.base !== undefined) return draft.base
  const entries = [...draft.entries.values()]
  for (const [name, folder] of draft.folders) {
    const id = await finish(repository, folder, objects)
    if (id !== undefined) entries.push({ name, mode: '40000', id })
  }
  if (entries.length === 0) return undefined
  const tree = treeObject(entries)
  objects.push(tree)
  return tree.id
}

function collision(path: string, seen: string): SluiceError {
  return new SluiceError('E_GIT_PATH_INVALID', { object: path, seen })
}
