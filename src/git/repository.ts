import { LRUCache } from 'lru-cache'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { CommitTree } from './commit-tree.ts'
import { gitFailure } from './diagnose.ts'
import { diffTrees, type TreeChange } from './diff.ts'
import { type GitObject, ObjectReader, type ObjectReaderOptions } from './object-reader.ts'
import { type GitTreeEntry, namedEntry, parseCommit, parseTree } from './objects.ts'
import { runGit } from './process.ts'
import { isObjectId, isRefName } from './ref-name.ts'
import type { Commit } from './types.ts'

/** A commit with the id of its tree. */
export interface CommitWithTree extends Commit {
  readonly tree: string
}

/** Bounds of a log. */
export interface LogOptions {
  /** Only commits that changed this file or folder. */
  readonly path?: string
  /** At most so many commits; 50 when absent. */
  readonly limit?: number
  /** Leave out so many first. */
  readonly skip?: number
  readonly signal?: AbortSignal
}

/** Reads a bare repository on this machine: one long-lived git process answers, trees and commits are kept by id. */
export class Repository {
  readonly dir: string
  readonly #reader: ObjectReader
  readonly #trees = new LRUCache<string, readonly GitTreeEntry[]>({
    maxSize: 200_000,
    sizeCalculation: entries => entries.length + 1,
  })
  readonly #commits = new LRUCache<string, CommitWithTree>({ max: 2000 })
  /** A build asks for its files more than once, and for those of a base as often as it is used. */
  readonly #blobs = new LRUCache<string, Buffer>({
    maxSize: 2 * 1024 * 1024,
    maxEntrySize: 64 * 1024,
    sizeCalculation: bytes => bytes.length + 100,
  })

  constructor(dir: string, options: ObjectReaderOptions = {}) {
    this.dir = dir
    this.#reader = new ObjectReader(dir, options)
  }

  /** The commit that a full ref name or an object id stands for; undefined when there is none. Tags are peeled. */
  async resolve(name: string): Promise<string | undefined> {
    if (!isObjectId(name) && !isRefName(name)) return undefined
    const object = await this.#read(`${name}^{commit}`)
    if (object === undefined) return undefined
    this.#commits.set(object.id, parseCommit(object.id, object.bytes))
    return object.id
  }

  /** A commit by id; undefined when the repository does not hold it. */
  async commit(id: string): Promise<CommitWithTree | undefined> {
    const known = this.#commits.get(id)
    if (known) return known
    if (!isObjectId(id)) return undefined
    const object = await this.#read(id)
    if (object?.type !== 'commit') return undefined
    const commit = parseCommit(id, object.bytes)
    this.#commits.set(id, commit)
    return commit
  }

  /** An object as it is stored, by full ref name or id: a tag stays a tag. Undefined when there is none. */
  async raw(name: string): Promise<GitObject | undefined> {
    return isObjectId(name) || isRefName(name) ? this.#read(name) : undefined
  }

  /** The files of a commit. Reading fails with E_GIT_REF_NOT_FOUND when the repository does not hold the commit. */
  tree(commit: string): FileTree {
    return new CommitTree(this, commit)
  }

  /** The bytes of a blob that a tree names; fails with E_GIT_MIRROR_DAMAGED when the repository does not hold it. */
  async blob(id: string): Promise<Buffer> {
    const known = this.#blobs.get(id)
    if (known !== undefined) return known
    const object = await this.#read(id)
    // A file that cannot be read must never look like a file that is not there: things would be pruned for it.
    if (object?.type !== 'blob') throw this.#missing(`no blob ${id}`)
    this.#blobs.set(id, object.bytes)
    return object.bytes
  }

  /** The entries of a tree object, in git's order. */
  async treeEntries(id: string): Promise<readonly GitTreeEntry[]> {
    const known = this.#trees.get(id)
    if (known) return known
    const object = await this.#read(id)
    if (object?.type !== 'tree') throw this.#missing(`no tree ${id}`)
    const entries = parseTree(object.bytes)
    this.#trees.set(id, entries)
    return entries
  }

  /** What stands at a path of a commit; undefined when nothing does. The root is a folder with an empty name. */
  async entryAt(commit: string, path: string): Promise<GitTreeEntry | undefined> {
    const found = await this.commit(commit)
    if (!found) throw new SluiceError('E_GIT_REF_NOT_FOUND', { object: this.dir, seen: `no commit ${commit}` })
    let here: GitTreeEntry = { name: '', mode: '40000', id: found.tree }
    if (path === '') return here
    for (const part of path.split('/')) {
      if (here.mode !== '40000') return undefined
      const next: GitTreeEntry | undefined = namedEntry(await this.treeEntries(here.id), part)
      if (!next) return undefined
      here = next
    }
    return here
  }

  /**
   * The git object id of a folder (or file) in a commit; undefined when the path is not there. Equal digests mean equal
   * content, in any commit: work can be keyed by it.
   */
  async treeDigest(commit: string, path: string): Promise<string | undefined> {
    return (await this.entryAt(commit, path))?.id
  }

  /** The files that differ between two commits; `undefined` for `from` means an empty tree. Folders that are equal are not read. */
  async diff(from: string | undefined, to: string, path = ''): Promise<TreeChange[]> {
    const before = from === undefined ? undefined : await this.entryAt(from, path)
    return diffTrees(this, path, before, await this.entryAt(to, path))
  }

  /** Commits from `commit` back, newest first, as far as this repository holds them. */
  async log(commit: string, options: LogOptions = {}): Promise<Commit[]> {
    if (!isObjectId(commit)) return []
    const args = ['rev-list', `--max-count=${options.limit ?? 50}`, `--skip=${options.skip ?? 0}`, commit, '--']
    if (options.path !== undefined && options.path !== '') args.push(`:(top,literal)${options.path}`)
    const result = await runGit(args, { gitDir: this.dir, ...(options.signal && { signal: options.signal }) })
    if (result.exitCode !== 0) throw gitFailure(result, this.dir)
    const ids = result.stdout.toString('utf8').split('\n').filter(isObjectId)
    const commits = await Promise.all(ids.map(id => this.commit(id)))
    return commits.filter(found => found !== undefined)
  }

  /** Whether a commit is in the history of another one, as far as it was fetched; a commit holds itself. */
  async holds(tip: string, commit: string, signal?: AbortSignal): Promise<boolean> {
    if (!isObjectId(tip) || !isObjectId(commit)) return false
    const args = ['merge-base', '--is-ancestor', commit, tip]
    const result = await runGit(args, { gitDir: this.dir, ...(signal && { signal }) })
    if (result.exitCode > 1) throw gitFailure(result, this.dir)
    return result.exitCode === 0
  }

  /** Ends the process that reads; a later read starts another one. */
  close(): void {
    this.#reader.close()
  }

  /** Called when an object that should be there is missing or broken. */
  protected noteDamage(): void {}

  async #read(name: string): Promise<GitObject | undefined> {
    try {
      return await this.#reader.read(name)
    } catch (error) {
      if (error instanceof SluiceError && error.code === 'E_GIT_MIRROR_DAMAGED') this.noteDamage()
      throw error
    }
  }

  #missing(seen: string): SluiceError {
    this.noteDamage()
    return new SluiceError('E_GIT_MIRROR_DAMAGED', { object: this.dir, seen })
  }

  /** Forgets everything that was read: for a repository that was made anew. */
  protected forget(): void {
    this.#reader.close()
    this.#trees.clear()
    this.#commits.clear()
    this.#blobs.clear()
  }
}
