import { LRUCache } from 'lru-cache'
import type { FileTree } from '../../base/file-tree.ts'
import type { Informer } from '../../kube/watch/index.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import type { EngineContext } from '../context.ts'
import { messageOf } from '../failure.ts'
import { type ArchiveTree, treeOfArchive } from './archive/archive-tree.ts'
import { packTree } from './archive/pack.ts'
import { type Artifact, isGitTree } from './artifact.ts'
import type { SourceContext } from './context.ts'
import { SourceController } from './controller.ts'
import { fetchExternal } from './external/fetch.ts'
import type { SourceHandler } from './handler.ts'
import { follows, type Push } from './push.ts'
import type { ArtifactFile, SourceKindName, SourceObject, Sources } from './sources.ts'
import type { ArtifactStorage } from './storage/storage.ts'

/** Bytes of unpacked archives held in memory. */
const treeBytes = 128 * 1024 * 1024

/** The sources of every kind, and what is in them. */
export class SourceSet implements Sources {
  readonly #context: SourceContext
  readonly #isUsed: (source: SourceObject) => boolean
  readonly #controllers = new Map<SourceKindName, SourceController>()
  readonly #kinds: ReadonlySet<string>
  readonly #listeners = new Set<(source: SourceObject) => void>()
  readonly #trees = new LRUCache<string, ArchiveTree>({
    maxSize: treeBytes,
    sizeCalculation: tree => Math.max(1, tree.size),
  })

  /**
   * `kinds` are those that are served as soon as the cluster has them; `isUsed` says whether this engine builds from a
   * source of another shard.
   */
  constructor(
    context: EngineContext,
    storage: ArtifactStorage,
    kinds: Iterable<string>,
    isUsed: (source: SourceObject) => boolean = () => true,
  ) {
    this.#isUsed = isUsed
    this.#context = { ...context, storage, sources: this }
    this.#kinds = new Set(kinds)
  }

  /** Starts following a kind. */
  serve(handler: SourceHandler, informer: Informer, concurrency: number): void {
    if (this.#controllers.has(handler.kind)) return
    const controller = new SourceController(
      this.#context,
      handler,
      informer,
      concurrency,
      source => this.#tell(source),
      source => this.#hasUser(source),
    )
    this.#controllers.set(handler.kind, controller)
  }

  serves(kind: SourceKindName): boolean {
    return this.#kinds.has(kind)
  }

  find(kind: SourceKindName, namespace: string, name: string): SourceObject | undefined {
    return this.#controllers.get(kind)?.find(namespace, name)
  }

  list(kind?: SourceKindName): readonly SourceObject[] {
    if (kind !== undefined) return this.#controllers.get(kind)?.list() ?? []
    return [...this.#controllers.values()].flatMap(controller => controller.list())
  }

  async tree(source: SourceObject): Promise<FileTree | undefined> {
    const artifact = source.status?.artifact
    if (artifact === undefined) return undefined
    if (isGitTree(artifact)) return this.#context.snapshots.tree(source as unknown as GitRepository, artifact)
    const known = this.#trees.get(artifact.digest)
    if (known !== undefined) return known
    const local = await this.#local(source, artifact)
    const bytes = local && (await this.#context.storage.read(local))
    if (bytes === undefined) return undefined
    const tree = await treeOfArchive(bytes)
    this.#trees.set(artifact.digest, tree)
    return tree
  }

  async file(source: SourceObject): Promise<ArtifactFile | undefined> {
    const artifact = source.status?.artifact
    if (artifact === undefined) return undefined
    if (!isGitTree(artifact)) {
      const local = await this.#local(source, artifact)
      return local && this.#context.storage.open(local)
    }
    const tree = await this.tree(source)
    if (tree === undefined) return undefined
    const { namespace = '', name = '' } = source.metadata
    const file = `${artifact.metadata?.['sluice.dev/tree'] ?? 'tree'}.tar.gz`
    const { revision } = artifact
    const bytes = await packTree(tree)
    const { storage } = this.#context
    const packed = await storage.put({ kind: source.kind, namespace, name, file, revision, bytes })
    await storage.collect(packed)
    return storage.open(packed)
  }

  refetch(source: SourceObject): void {
    this.#controllers.get(source.kind as SourceKindName)?.wake(source, 'lost')
  }

  reconcileNow(kind: SourceKindName, namespace: string, name: string): void {
    const source = this.find(kind, namespace, name)
    if (source !== undefined) this.#controllers.get(kind)?.wake(source, 'push')
  }

  onArtifact(listener: (source: SourceObject) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Fetches the sources that follow what was pushed, before anything else that waits. */
  notifyPush(push: Push): void {
    for (const source of this.list('GitRepository')) {
      if (this.#context.owns(source) && follows(source as unknown as GitRepository, push)) {
        this.#controllers.get('GitRepository')?.wake(source, 'push')
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#controllers.values()].map(controller => controller.close()))
  }

  /** The artifact in our store: what others serve is fetched first. */
  async #local(source: SourceObject, artifact: Artifact): Promise<Artifact | undefined> {
    return source.kind === 'ExternalArtifact' ? fetchExternal(this.#context.storage, source, artifact) : artifact
  }

  #tell(source: SourceObject): void {
    this.#wakeUsers(source)
    for (const listener of [...this.#listeners]) {
      try {
        listener(source)
      } catch (error) {
        this.#context.logger.error('a listener for artifacts failed', { error: messageOf(error) })
      }
    }
  }

  /** Sources that are made from a source: charts out of it, and GitRepositories that include it. */
  #wakeUsers(source: SourceObject): void {
    for (const user of this.#madeFrom(source)) {
      if (!this.#isNeeded(user)) continue
      if (user.kind === 'HelmChart' && user.status?.['observedSourceArtifactRevision'] === revisionOf(source)) continue
      this.#controllers.get(user.kind as SourceKindName)?.wake(user, 'source')
    }
  }

  *#madeFrom(source: SourceObject): Iterable<SourceObject> {
    const { namespace, name } = source.metadata
    for (const chart of this.list('HelmChart')) {
      const { sourceRef } = chart['spec'] as { sourceRef: { kind: string; name: string } }
      if (chart.metadata.namespace === namespace && sourceRef.name === name && sourceRef.kind === source.kind) {
        yield chart
      }
    }
    if (source.kind !== 'GitRepository') return
    for (const other of this.list('GitRepository')) {
      const { include = [] } = other['spec'] as { include?: readonly { repository: { name: string } }[] }
      if (other.metadata.namespace === namespace && include.some(({ repository }) => repository.name === name)) {
        yield other
      }
    }
  }

  /** Whether the content of a source matters here: it is ours, or one that something of ours is built from. */
  #isNeeded(source: SourceObject): boolean {
    return this.#context.owns(source) || this.#isUsed(source)
  }

  /** Whether something of ours is made from a source of another shard, whatever that is. */
  #hasUser(source: SourceObject): boolean {
    if (this.#isUsed(source)) return true
    for (const user of this.#madeFrom(source)) if (this.#context.owns(user)) return true
    return false
  }
}

function revisionOf({ status }: SourceObject): string | undefined {
  return status?.artifact?.revision
}
