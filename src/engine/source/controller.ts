import { backoffDelay } from '../../base/backoff.ts'
import type { Informer } from '../../kube/watch/index.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import type { EngineContext } from '../context.ts'
import { requestedAtAnnotation } from '../contract.ts'
import { messageOf } from '../failure.ts'
import { keyOf, splitKey } from '../kustomization/facts.ts'
import { Latest } from '../latest.ts'
import { countReconcile, queueMetrics } from '../metrics/queue-metrics.ts'
import { type WorkContext, WorkQueue, type WorkResult } from '../queue/work-queue.ts'
import { fetchSource } from './fetch.ts'
import { reconcileSource, type SourceReason } from './reconcile.ts'
import { followedRef } from './ref.ts'
import { sameRepository } from './same-repository.ts'

/** A push that somebody tells of. */
export interface Push {
  /** Clone URL of the repository. */
  readonly url: string
  /** Full name of the ref, e.g. `refs/heads/main`. */
  readonly ref: string
  /** The commit that the ref points to now. It only saves work: what is applied is what the server says. */
  readonly commit?: string
}

/** Follows every GitRepository of the cluster. */
export class SourceController {
  readonly #context: EngineContext
  readonly #latest: Latest<GitRepository>
  readonly #queue: WorkQueue<SourceReason>
  readonly #failures = new Map<string, number>()
  readonly #onArtifact: (source: GitRepository) => void
  readonly #isUsed: (source: GitRepository) => boolean

  /** `isUsed` says whether this engine builds from a source of another shard. `onArtifact` is called when a source has an artifact with another revision than before. */
  constructor(
    context: EngineContext,
    informer: Informer,
    concurrency: number,
    onArtifact: (source: GitRepository) => void,
    isUsed: (source: GitRepository) => boolean = () => true,
  ) {
    this.#context = context
    this.#latest = new Latest(informer)
    this.#onArtifact = onArtifact
    this.#isUsed = isUsed
    this.#queue = new WorkQueue<SourceReason>({
      concurrency,
      clock: context.clock,
      handle: (key, work) => this.#handle(key, work),
      onError: (key, error) => context.logger.error('source not reconciled', { key, error: messageOf(error) }),
      retryMs: failures => backoffDelay(failures, { baseMs: 750, maxMs: 60_000 }),
      requeueReason: 'interval',
      ...queueMetrics(context.metrics, 'gitrepository', concurrency),
    })
    informer.subscribe(event => {
      const key = keyOf(event.object)
      if (event.type === 'deleted') this.#forget(key)
      else if (event.type === 'added') this.#added(key, event.object as GitRepository)
      else this.#changed(key, event.previous as GitRepository, event.object as GitRepository)
    })
    for (const object of informer.list()) this.#added(keyOf(object), object as GitRepository)
  }

  /** A source as it is now. */
  find(namespace: string, name: string): GitRepository | undefined {
    return this.#latest.get(namespace, name)
  }

  list(): readonly GitRepository[] {
    return this.#latest.list()
  }

  /** Fetches the sources that follow what was pushed, before anything else that waits. */
  notifyPush(push: Push): void {
    for (const source of this.list()) {
      if (!this.#context.owns(source) || !sameRepository(source.spec.url, push.url)) continue
      const ref = followedRef(source.spec.ref)
      if (ref.kind !== 'ref' || ref.ref !== push.ref) continue
      if (push.commit !== undefined && source.status?.artifact?.revision.endsWith(`:${push.commit}`)) continue
      this.#queue.add(keyOf(source), 'push', 0)
    }
  }

  /** Fetches a source whose content was lost on this machine; its consumers hear of it even if nothing is new. */
  refetch(source: GitRepository): void {
    this.#queue.add(keyOf(source), 'lost')
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  #added(key: string, source: GitRepository): void {
    if (this.#context.owns(source)) this.#queue.add(key, 'spec')
  }

  #changed(key: string, before: GitRepository, after: GitRepository): void {
    if (!this.#context.owns(after)) {
      const news = before.status?.artifact?.revision !== after.status?.artifact?.revision
      if (news && this.#isUsed(after)) this.#queue.add(key, 'lost')
      return
    }
    if (!this.#context.owns(before)) return this.#queue.add(key, 'spec')
    const request = (object: GitRepository) => object.metadata.annotations?.[requestedAtAnnotation]
    if (request(before) !== request(after)) this.#queue.add(key, 'requested', 0)
    else if (
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
    ) {
      this.#queue.add(key, 'spec')
    }
  }

  #forget(key: string): void {
    this.#queue.forget(key)
    this.#failures.delete(key)
    this.#latest.forget(key)
    this.#context.metrics.forget?.({ kind: 'GitRepository', ...splitKey(key) })
  }

  /** Fetches what a source of another shard stands at, for builds of ours. Its status is the other engine's to write. */
  async #readAlong(source: GitRepository, work: WorkContext<SourceReason>): Promise<WorkResult> {
    const { snapshots, readSecret } = this.#context
    const ref = followedRef(source.spec.ref)
    const artifact = source.status?.artifact
    if (artifact === undefined || ref.kind === 'unsupported' || source.metadata.deletionTimestamp !== undefined)
      return {}
    if (!(await snapshots.holds(source, artifact))) await fetchSource(source, ref, snapshots, readSecret, work.closing)
    if (await snapshots.holds(source, artifact)) this.#onArtifact(source)
    return {}
  }

  async #handle(key: string, work: WorkContext<SourceReason>): Promise<WorkResult> {
    const { namespace, name } = splitKey(key)
    const found = this.find(namespace, name)
    if (found === undefined) return {}
    if (!this.#context.owns(found)) return this.#readAlong(found, work)
    const failures = this.#failures.get(key) ?? 0
    const { failed, object, ...result } = await reconcileSource(this.#context, found, failures, work)
    countReconcile(this.#context.metrics, 'gitrepository', failed)
    if (failed) this.#failures.set(key, failures + 1)
    else this.#failures.delete(key)
    if (object === undefined) return result
    this.#latest.remember(object)
    const revision = object.status?.artifact?.revision
    const news = revision !== found.status?.artifact?.revision || work.reasons.has('lost')
    if (revision !== undefined && news) this.#onArtifact(object)
    return result
  }
}
