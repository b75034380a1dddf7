import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { type Mirror, openMirror } from '../../git/index.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import type { Artifact } from './artifact.ts'
import { FilteredTree } from './filtered-tree.ts'
import { Exclusions, IgnoreFiles } from './ignore.ts'
import { commitOfRevision } from './ref.ts'
import { SparseTree } from './sparse-tree.ts'

/**
 * The contents of sources. One mirror per repository URL is shared by all GitRepositories that follow it, and one tree
 * per artifact by all Kustomizations that build from it: nothing is unpacked.
 */
export class Snapshots {
  readonly #dir: string
  readonly #mirrors = new Map<string, Promise<Mirror>>()
  readonly #trees = new LRUCache<string, Promise<FileTree>>({ max: 64 })
  readonly #ignoreFiles = new IgnoreFiles()

  /** `dir` is a folder of the engine's own. */
  constructor(dir: string) {
    this.#dir = dir
  }

  /** The mirror of a URL; made when there is none. */
  mirror(url: string): Promise<Mirror> {
    let mirror = this.#mirrors.get(url)
    if (mirror === undefined) {
      const name = createHash('sha256').update(url).digest('hex').slice(0, 32)
      mirror = openMirror(join(this.#dir, `${name}.git`))
      this.#mirrors.set(url, mirror)
      mirror.catch(() => this.#mirrors.delete(url))
    }
    return mirror
  }

  /** Whether an artifact's commit can be read here. After the loss of the folder it cannot, until it is fetched again. */
  async holds(object: GitRepository, artifact: Artifact): Promise<boolean> {
    const commit = commitOfRevision(artifact.revision)
    if (commit === undefined) return false
    try {
      return (await (await this.mirror(object.spec.url)).commit(commit)) !== undefined
    } catch (error) {
      // The mirror has noted it, and the next fetch makes it anew: it is a cache that was lost.
      if (error instanceof SluiceError && error.code === 'E_GIT_MIRROR_DAMAGED') return false
      throw error
    }
  }

  /** The files of an artifact, less what the source leaves out; undefined when its commit is not here. */
  async tree(object: GitRepository, artifact: Artifact): Promise<FileTree | undefined> {
    const key = `${object.spec.url} ${artifact.revision} ${artifact.digest}`
    const known = this.#trees.get(key)
    if (known !== undefined) return known
    if (!(await this.holds(object, artifact))) return undefined
    const opened = this.#open(object, artifact)
    this.#trees.set(key, opened)
    opened.catch(() => this.#trees.delete(key))
    return opened
  }

  async close(): Promise<void> {
    for (const mirror of this.#mirrors.values()) await mirror.then(open => open.close()).catch(() => undefined)
    this.#mirrors.clear()
  }

  async #open(object: GitRepository, artifact: Artifact): Promise<FileTree> {
    const mirror = await this.mirror(object.spec.url)
    const whole = mirror.tree(commitOfRevision(artifact.revision)!)
    // What the artifact was made with, which the spec may not be any more.
    const { observedSparseCheckout: sparse, observedIgnore } = object.status ?? {}
    const tree = sparse === undefined || sparse.length === 0 ? whole : new SparseTree(whole, sparse)
    return new FilteredTree(tree, await Exclusions.load(tree, observedIgnore, this.#ignoreFiles))
  }
}
