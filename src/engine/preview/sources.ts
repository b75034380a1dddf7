import type { FileTree } from '../../base/file-tree.ts'
import { isKindUnknown } from '../../kube/client/status.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import { sourceGroup } from '../contract.ts'
import { treeOfArchive } from '../source/archive/archive-tree.ts'
import { packTree } from '../source/archive/pack.ts'
import { type Artifact, isGitTree } from '../source/artifact.ts'
import type { SourceContext } from '../source/context.ts'
import { FilteredTree } from '../source/filtered-tree.ts'
import { sourceHandlers } from '../source/handlers.ts'
import { HttpClient, sha256 } from '../source/http/client.ts'
import { Exclusions, IgnoreFiles } from '../source/ignore.ts'
import type { ArtifactFile, SourceKindName, SourceObject, Sources } from '../source/sources.ts'
import { timingOf } from '../source/timing.ts'
import type { PreviewEnvironment } from './environment.ts'

/** A repository whose content is at hand, and is looked at in the place of what its host has. */
export interface GivenTree {
  readonly namespace: string
  readonly name: string
  readonly tree: FileTree
}

/** An artifact server that does not answer at once is not reachable from here. */
const publishedWithinMs = 5000
const largestPublished = 100 * 1024 * 1024

/** Of a repository whose content is given although the cluster has not fetched it yet. */
const unfetched: Artifact = { digest: '', lastUpdateTime: '1970-01-01T00:00:00Z', path: '', revision: '', url: '' }

/**
 * Sources for one preview: each is read once and fetched by the engine's own source code with the credentials of the
 * cluster, into a folder of the preview.
 */
export class PreviewSources implements Sources {
  readonly #environment: PreviewEnvironment
  readonly #given: GivenTree | undefined
  readonly #objects = new Map<string, SourceObject>()
  readonly #handlers = sourceHandlers()

  constructor(environment: PreviewEnvironment, given?: GivenTree) {
    this.#environment = environment
    this.#given = given
  }

  /** A source as it would be, without fetching it. */
  async look(kind: SourceKindName, namespace: string, name: string): Promise<SourceObject | undefined> {
    const ref = { group: sourceGroup, version: 'v1', kind, namespace, name }
    return (await this.#environment.read(ref)) as SourceObject | undefined
  }

  /** Reads a source and what it is made from, and fetches them. Undefined when there is none. */
  async fetch(kind: SourceKindName, namespace: string, name: string): Promise<SourceObject | undefined> {
    const known = this.find(kind, namespace, name)
    if (known !== undefined) return known
    const found = await this.look(kind, namespace, name)
    return found === undefined ? undefined : this.fetchAs(found)
  }

  /** The same for an object that is as it is given. A StepFailure says what cannot be fetched. */
  async fetchAs(object: SourceObject): Promise<SourceObject> {
    const { namespace = '', name = '' } = object.metadata
    const source: SourceObject = { ...object, status: { ...object.status } }
    const handler = this.#handlers.get(source.kind)
    const fixed = this.isGiven(source) || handler === undefined || handler.isStatic?.(source) === true
    if (!fixed) await this.#fetchParts(source)
    this.#objects.set(`${source.kind}/${namespace}/${name}`, source)
    if (this.isGiven(source)) source.status = { ...source.status, artifact: source.status?.artifact ?? unfetched }
    if (fixed) return source
    const { signal } = this.#environment
    const { timeoutMs } = timingOf(source).checked()
    const outcome = await handler.run({
      context: this.context,
      object: source,
      current: undefined,
      reasons: new Set(['requested']),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      timeoutMs,
    })
    source.status = { ...source.status, ...outcome.observed, artifact: outcome.artifact }
    return source
  }

  /** What the sources of the preview are fetched with. */
  get context(): SourceContext {
    return { ...this.#environment.context, storage: this.#environment.storage, sources: this }
  }

  /** The artifact that a controller in the cluster serves, when it can be reached from here and is what its digest says. */
  async published(source: SourceObject): Promise<Buffer | undefined> {
    const artifact = source.status?.artifact
    if (artifact === undefined || isGitTree(artifact) || !URL.canParse(artifact.url)) return undefined
    const url = new URL(artifact.url)
    if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname.endsWith('.invalid')) return undefined
    const http = new HttpClient()
    try {
      const signal = AbortSignal.any([this.#environment.signal, AbortSignal.timeout(publishedWithinMs)])
      const { body } = await http.send(url, { maxBytes: largestPublished, signal })
      return sha256(body) === artifact.digest ? body : undefined
    } catch {
      this.#environment.signal.throwIfAborted()
      return undefined
    } finally {
      await http.close()
    }
  }

  /** Knows the HelmRepositories of a namespace: charts take the logins of their dependencies from them. */
  async knowRepositories(namespace: string): Promise<void> {
    const kind = { group: sourceGroup, version: 'v1', kind: 'HelmRepository' }
    try {
      const { signal, context } = this.#environment
      const { items } = await context.client.list(kind, { namespace, signal })
      for (const item of items) {
        const key = `HelmRepository/${namespace}/${item.metadata.name}`
        if (!this.#objects.has(key)) this.#objects.set(key, item as SourceObject)
      }
    } catch (error) {
      if (!isKindUnknown(error)) throw error
    }
  }

  isGiven({ kind, metadata }: SourceObject): boolean {
    const given = this.#given
    return kind === 'GitRepository' && metadata.namespace === given?.namespace && metadata.name === given?.name
  }

  serves(kind: SourceKindName): boolean {
    return this.#handlers.has(kind)
  }

  find(kind: SourceKindName, namespace: string, name: string): SourceObject | undefined {
    return this.#objects.get(`${kind}/${namespace}/${name}`)
  }

  list(kind?: SourceKindName): readonly SourceObject[] {
    return [...this.#objects.values()].filter(object => kind === undefined || object.kind === kind)
  }

  async tree(source: SourceObject): Promise<FileTree | undefined> {
    if (this.isGiven(source)) {
      const { tree } = this.#given!
      const { spec } = source as unknown as GitRepository
      return new FilteredTree(tree, await Exclusions.load(tree, spec.ignore, new IgnoreFiles()))
    }
    const artifact = source.status?.artifact
    if (artifact === undefined) return undefined
    if (isGitTree(artifact)) {
      return this.#environment.context.snapshots.tree(source as unknown as GitRepository, artifact)
    }
    const bytes = await this.#environment.storage.read(artifact)
    return bytes && treeOfArchive(bytes)
  }

  async file(source: SourceObject): Promise<ArtifactFile | undefined> {
    const artifact = source.status?.artifact
    if (artifact === undefined) return undefined
    const { storage } = this.#environment
    if (!isGitTree(artifact) && !this.isGiven(source)) return storage.open(artifact)
    const tree = await this.tree(source)
    if (tree === undefined) return undefined
    const { namespace = '', name = '' } = source.metadata
    const bytes = await packTree(tree)
    const packed: Artifact = await storage.put({
      ...{ kind: source.kind, namespace, name, file: 'tree.tar.gz' },
      revision: artifact.revision,
      bytes,
    })
    return storage.open(packed)
  }

  refetch(): void {}

  reconcileNow(): void {}

  onArtifact(): () => void {
    return () => undefined
  }

  /** What a source is made from: the source of a chart, the repositories that one includes. */
  async #fetchParts(source: SourceObject): Promise<void> {
    const { namespace = '' } = source.metadata
    const spec = source['spec'] as {
      readonly sourceRef?: { readonly kind: SourceKindName; readonly name: string }
      readonly include?: readonly { readonly repository: { readonly name: string } }[]
    }
    if (source.kind === 'HelmChart' && spec.sourceRef !== undefined) {
      await this.fetch(spec.sourceRef.kind, namespace, spec.sourceRef.name)
      if (spec.sourceRef.kind !== 'HelmRepository') await this.knowRepositories(namespace)
    }
    for (const { repository } of source.kind === 'GitRepository' ? (spec.include ?? []) : []) {
      await this.fetch('GitRepository', namespace, repository.name)
    }
  }
}
