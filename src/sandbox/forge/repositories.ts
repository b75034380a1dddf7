import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from './store.ts'

/** A repository of the forge. */
export interface StoredRepository {
  readonly id: number
  readonly owner: number
  readonly name: string
  /** The name of its folder under `repositories/`; a rename does not change it. */
  readonly folder: string
  readonly description: string | null
  readonly private: boolean
  readonly archived: boolean
  readonly defaultBranch: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly pushedAt: string | null
}

/** What a new repository is given. */
export interface NewRepository {
  readonly owner: number
  readonly name: string
  readonly description: string | null
  readonly private: boolean
  readonly defaultBranch: string
}

/** GitHub's rule for repository names; `.git` at the end is not part of a name. */
export function isRepositoryName(name: string): boolean {
  return /^[\w.-]{1,100}$/.test(name) && name !== '.' && name !== '..' && !/\.(?:git|wiki|atom)$/i.test(name)
}

/** Where the bare repositories are. */
export function repositoryFolder(dataDir: string, repository: Pick<StoredRepository, 'folder'>): string {
  return join(dataDir, 'repositories', repository.folder)
}

/**
 * Makes a repository: first the bare folder under a name of its own, then the row that makes it visible. A process
 * killed between the two leaves a folder that nothing names, which `sweepFolders` removes. Undefined when the
 * owner has a repository of this name, in any case.
 */
export async function insertRepository(
  store: Store,
  dataDir: string,
  repository: NewRepository,
  now: Date,
): Promise<StoredRepository | undefined> {
  if (repositoryByName(store, repository.owner, repository.name)) return undefined
  const folder = `${randomUUID()}.git`
  const path = join(dataDir, 'repositories', folder)
  await initBare(path, repository.defaultBranch)
  try {
    const stamp = now.toISOString()
    store
      .prepare(
        'INSERT INTO repositories (owner, name, folder, description, private, default_branch, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        repository.owner,
        repository.name,
        folder,
        repository.description,
        Number(repository.private),
        repository.defaultBranch,
        stamp,
        stamp,
      )
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    if (repositoryByName(store, repository.owner, repository.name)) return undefined
    throw error
  }
  return repositoryByName(store, repository.owner, repository.name)
}

/** An empty bare repository, by gitrepository-layout(5): no process is needed, so none can outlive ours. */
async function initBare(path: string, branch: string): Promise<void> {
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
    await mkdir(join(path, folder), { recursive: true, mode: 0o700 })
  }
  await writeFile(join(path, 'config'), '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n')
  await writeFile(join(path, 'HEAD'), `ref: refs/heads/${branch}\n`)
}

/** A repository by owner and name, whatever the case. */
export function repositoryByName(store: Store, owner: number, name: string): StoredRepository | undefined {
  return fromRow(store.prepare('SELECT * FROM repositories WHERE owner = ? AND name = ?').get(owner, name))
}

/** The repositories of an owner, by name. */
export function repositoriesOf(store: Store, owner: number): StoredRepository[] {
  const rows = store.prepare('SELECT * FROM repositories WHERE owner = ? ORDER BY name').all(owner)
  return rows.map(row => fromRow(row)!)
}

/** The fields of a repository that can change. */
export interface RepositoryUpdate {
  readonly name?: string
  readonly description?: string | null
  readonly private?: boolean
  readonly archived?: boolean
  readonly defaultBranch?: string
  readonly pushedAt?: string
}

/** Changes a repository; fails with a constraint error when the new name is taken. */
export function updateRepository(store: Store, id: number, update: RepositoryUpdate, now: Date): StoredRepository {
  const before = fromRow(store.prepare('SELECT * FROM repositories WHERE id = ?').get(id))!
  const after = { ...before, ...update }
  store
    .prepare(
      'UPDATE repositories SET name = ?, description = ?, private = ?, archived = ?, default_branch = ?, pushed_at = ?, updated_at = ? WHERE id = ?',
    )
    .run(
      after.name,
      after.description,
      Number(after.private),
      Number(after.archived),
      after.defaultBranch,
      after.pushedAt,
      now.toISOString(),
      id,
    )
  return fromRow(store.prepare('SELECT * FROM repositories WHERE id = ?').get(id))!
}

/** Points HEAD of a bare repository at a branch, in one step. */
export async function setHead(folder: string, branch: string): Promise<void> {
  const temporary = join(folder, `HEAD.${randomUUID()}`)
  await writeFile(temporary, `ref: refs/heads/${branch}\n`)
  await rename(temporary, join(folder, 'HEAD'))
}

/** Removes a repository: first from sight, then from disk. */
export async function deleteRepository(store: Store, dataDir: string, repository: StoredRepository): Promise<void> {
  store.prepare('DELETE FROM repositories WHERE id = ?').run(repository.id)
  await rm(repositoryFolder(dataDir, repository), { recursive: true, force: true })
}

/** Removes the folders that no row names: what a process left that was killed while it made or deleted a repository. */
export async function sweepFolders(store: Store, dataDir: string): Promise<void> {
  const root = join(dataDir, 'repositories')
  await mkdir(root, { recursive: true, mode: 0o700 })
  const known = foldersOf(store)
  for (const folder of await readdir(root)) {
    if (!known.has(folder))
      await rm(join(root, folder), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

/** Nothing that git serves takes longer; what is older belongs to nobody. */
const leftoverAgeMs = 400_000

/**
 * Removes quarantines of unfinished pushes and stale lock files. Only old ones: a git that outlived its killed forge may
 * still be at work.
 */
export async function sweepLeftovers(store: Store, dataDir: string, now: Date): Promise<void> {
  const isOld = async (path: string) => {
    const found = await stat(path).catch(() => undefined)
    return found !== undefined && now.getTime() - found.mtimeMs > leftoverAgeMs
  }
  for (const folder of foldersOf(store)) {
    const root = join(dataDir, 'repositories', folder)
    for (const name of await readdir(join(root, 'objects')).catch(() => [])) {
      const path = join(root, 'objects', name)
      if (name.startsWith('tmp_objdir-') && (await isOld(path))) await rm(path, { recursive: true, force: true })
    }
    for (const entry of await readdir(join(root, 'refs'), { recursive: true, withFileTypes: true }).catch(() => [])) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && entry.name.endsWith('.lock') && (await isOld(path))) await rm(path, { force: true })
    }
    const packed = join(root, 'packed-refs.lock')
    if (await isOld(packed)) await rm(packed, { force: true })
  }
}

function foldersOf(store: Store): Set<string> {
  const rows = store.prepare('SELECT folder FROM repositories').all()
  return new Set(rows.map(row => (row as { folder: string }).folder))
}

function fromRow(row: unknown): StoredRepository | undefined {
  if (row === undefined) return undefined
  const found = row as Record<string, string | number | null>
  return {
    id: found['id'] as number,
    owner: found['owner'] as number,
    name: found['name'] as string,
    folder: found['folder'] as string,
    description: found['description'] as string | null,
    private: found['private'] === 1,
    archived: found['archived'] === 1,
    defaultBranch: found['default_branch'] as string,
    createdAt: found['created_at'] as string,
    updatedAt: found['updated_at'] as string,
    pushedAt: found['pushed_at'] as string | null,
  }
}
