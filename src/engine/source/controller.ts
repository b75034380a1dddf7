import { backoffDelay } from '../../base/backoff.ts'
import type { Informer } from '../../kube/watch/index.ts'
import { requestedAtAnnotation } from '../contract.ts'
import { messageOf } from '../failure.ts'
import { keyOf, splitKey } from '../kustomization/facts.ts'
import { Latest } from '../latest.ts'
import { countReconcile, queueMetrics } from '../metrics/queue-metrics.ts'
import { type WorkContext, WorkQueue, type WorkResult } from '../queue/work-queue.ts'
import type { SourceContext } from './context.ts'
import type { SourceHandler, SourceReason } from './handler.ts'
import { readAlong } from './read-along.ts'
import { reconcileSource } from './reconcile.ts'
import type { SourceObject } from './sources.ts'

/** Follows every source of one kind. */
export class SourceController {
  readonly kind: SourceHandler['kind']
  readonly #context: SourceContext
  readonly #handler: SourceHandler
  readonly #latest: Latest<SourceObject>
  readonly #queue: WorkQueue<SourceReason>
  readonly #failures = new Map<string, number>()
  readonly #onArtifact: (source: SourceObject) => void
  readonly #isUsed: (source: SourceObject) => boolean

  /**
   * `isUsed` says whether this engine builds from a source of another shard. `onArtifact` is called when a source has an
   * artifact with another revision or digest than before.
   */
  constructor(
    context: SourceContext,
    handler: SourceHandler,
    informer: Informer,
    concurrency: number,
    onArtifact: (source: SourceObject) => void,
    isUsed: (source: SourceObject) => boolean = () => true,
  ) {
    this.kind = handler.kind
    this.#context = context
    this.#handler = handler
    this.#latest = new Latest(informer)
    this.#onArtifact = onArtifact
    this.#isUsed = isUsed
    const kind = handler.kind.toLowerCase()
    this.#queue = new WorkQueue<SourceReason>({
      concurrency,
      clock: context.clock,
      handle: (key, work) => this.#handle(key, work),
      onError: (key, error) => context.logger.error('source not reconciled', { kind, key, error: messageOf(error) }),
      retryMs: failures => backoffDelay(failures, { baseMs: 750, maxMs: 60_000 }),
      requeueReason: 'interval',
      ...queueMetrics(context.metrics, kind, concurrency),
    })
    if (handler.external) {
      informer.subscribe(event => {
        const before = event.type === 'modified' ? (event.previous as SourceObject) : undefined
        if (event.type !== 'deleted') this.#tellNews(before, event.object as SourceObject)
      })
      for (const object of informer.list()) this.#tellNews(undefined, object as SourceObject)
      return
    }
    informer.subscribe(event => {
      const key = keyOf(event.object)
      if (event.type === 'deleted') this.#forget(key)
      else if (event.type === 'added') this.#added(key, event.object as SourceObject)
      else this.#changed(key, event.previous as SourceObject, event.object as SourceObject)
    })
    for (const object of informer.list()) this.#added(keyOf(object), object as SourceObject)
  }

  /** A source as it is now. */
  find(namespace: string, name: string): SourceObject | undefined {
    return this.#latest.get(namespace, name)
  }

  list(): readonly SourceObject[] {
    return this.#latest.list()
  }

  /** Looks at a source again: after a push (before anything else that waits), a loss, or news of what it is made from. */
  wake(source: SourceObject, reason: 'push' | 'lost' | 'source' | 'requested'): void {
    if (this.#handler.external) return
    const urgent = reason === 'push' || reason === 'requested'
    if (urgent) this.#queue.add(keyOf(source), reason, 0)
    else this.#queue.add(keyOf(source), reason)
  }

  close(): Promise<void> {
    return this.#queue.close()
  }

  #added(key: string, source: SourceObject): void {
    if (this.#context.owns(source)) this.#queue.add(key, 'spec')
  }

  #changed(key: string, before: SourceObject, after: SourceObject): void {
    if (!this.#context.owns(after)) {
      if (this.#context.owns(before)) {
        // Its label has changed: another engine goes on with it.
        this.#queue.giveUp(key)
        this.#failures.delete(key)
        this.#context.metrics.forget?.({ kind: this.kind, ...splitKey(key) })
      }
      if (isNews(before, after) && this.#isUsed(after)) this.#queue.add(key, 'lost')
      return
    }
    if (!this.#context.owns(before)) return this.#queue.add(key, 'spec')
    const request = (object: SourceObject) => object.metadata.annotations?.[requestedAtAnnotation]
    if (request(before) !== request(after)) this.#queue.add(key, 'requested', 0)
    else if (
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
    ) {
      this.#queue.add(key, 'spec')
    }
  }

  #tellNews(before: SourceObject | undefined, after: SourceObject): void {
    if (isNews(before, after)) this.#onArtifact(after)
  }

  #forget(key: string): void {
    this.#queue.forget(key)
    this.#failures.delete(key)
    this.#latest.forget(key)
    this.#context.metrics.forget?.({ kind: this.kind, ...splitKey(key) })
  }

  async #handle(key: string, work: WorkContext<SourceReason>): Promise<WorkResult> {
    const { namespace, name } = splitKey(key)
    const found = this.find(namespace, name)
    if (found === undefined) return {}
    if (!this.#context.owns(found)) {
      if (await readAlong(this.#context, this.#handler, found, work)) this.#onArtifact(found)
      return {}
    }
    const failures = this.#failures.get(key) ?? 0
    const result = await reconcileSource(this.#context, this.#handler, found, failures, work)
    const { failed, object, ...requeue } = result
    countReconcile(this.#context.metrics, this.kind.toLowerCase(), failed)
    if (failed) this.#failures.set(key, failures + 1)
    else this.#failures.delete(key)
    if (object === undefined) return requeue
    this.#latest.remember(object)
    const has = object.status?.artifact !== undefined
    if (has && (work.reasons.has('lost') || isNews(found, object))) this.#onArtifact(object)
    return requeue
  }
}

/** Whether a source has an artifact that it did not have before. */
function isNews(before: SourceObject | undefined, { status }: SourceObject): boolean {
  const [old, now] = [before?.status?.artifact, status?.artifact]
  return now !== undefined && (now.revision !== old?.revision || now.digest !== old?.digest)
}
