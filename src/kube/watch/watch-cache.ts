import { type Clock, systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { abortable } from '../client/abort.ts'
import { toGvk } from '../client/paths.ts'
import type { KindRef, KubeClient } from '../client/types.ts'
import { formatApiVersion, type ObjectRef } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import { createInformer, type InformerDeps } from './informer.ts'
import { InformerView, SharedInformer, waitingFor } from './shared-informer.ts'
import type { Informer, InformerOptions } from './types.ts'

/** Which part of a kind is watched. */
export type WatchScope = Pick<InformerOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>

export interface WatchCacheOptions extends InformerDeps {
  /** Take out parts of objects before they are kept. */
  readonly transform?: InformerOptions['transform']
  /** Told of each problem and recovery of any of the watches. */
  readonly onTransition?: (kind: KindRef, ...args: Parameters<NonNullable<InformerOptions['onTransition']>>) => void
  /** Milliseconds that an informer lives on after its last user let go of it; 60 000 when absent. */
  readonly lingerMs?: number
  readonly idleTimeoutMs?: number
}

/**
 * Informers shared by kind and scope: however many parts look at a kind, it is listed and watched once. A kind that
 * the server does not have yet is waited for.
 */
export class WatchCache {
  readonly #client: KubeClient
  readonly #options: WatchCacheOptions
  readonly #clock: Clock
  readonly #shared = new Map<string, SharedInformer>()
  #stopped = false

  constructor(client: KubeClient, options: WatchCacheOptions = {}) {
    this.#client = client
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** A view of the shared informer of a kind. Its `stop` lets go of it and ends this view's subscriptions only. */
  informer(kind: KindRef, scope: WatchScope = {}): Informer {
    return new InformerView(this.#acquire(kind, scope))
  }

  /**
   * The object as the cache has it, once the first list is there; undefined when it does not exist. The kind is
   * watched in all namespaces from now on.
   *
   * @throws SluiceError E_ABORTED when the signal is aborted while waiting for the first list.
   */
  async get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined> {
    const shared = this.#acquire(ref, {})
    try {
      if (!shared.informer.hasSynced) await abortable(shared.informer.synced, signal, waitingFor(ref))
      return shared.informer.get(ref.namespace, ref.name)
    } finally {
      shared.release()
    }
  }

  /**
   * Waits until the predicate holds for the object (undefined while it does not exist) and gives what it held for.
   * Nothing is polled: the predicate is asked when the object changes.
   *
   * @throws SluiceError E_ABORTED when the signal is aborted; whatever the predicate throws.
   */
  async waitFor<T extends KubeObject | undefined>(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => object is T,
    signal: AbortSignal,
  ): Promise<T>
  async waitFor(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>
  async waitFor(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const shared = this.#acquire(ref, {})
    try {
      if (!shared.informer.hasSynced) await abortable(shared.informer.synced, signal, waitingFor(ref))
      return await shared.waitFor(ref, predicate, signal)
    } finally {
      shared.release()
    }
  }

  /** Stops all informers. Waits in progress end with E_ABORTED. */
  stop(): void {
    this.#stopped = true
    for (const shared of this.#shared.values()) shared.end()
    this.#shared.clear()
  }

  #acquire(kind: KindRef, scope: WatchScope): SharedInformer {
    if (this.#stopped) throw new SluiceError('E_ABORTED', { object: 'the watch cache' })
    const gvk = toGvk(kind)
    const key = JSON.stringify([
      formatApiVersion(gvk),
      gvk.kind,
      scope.namespace,
      scope.labelSelector,
      scope.fieldSelector,
    ])
    let shared = this.#shared.get(key)
    if (!shared) {
      const { transform, onTransition, idleTimeoutMs } = this.#options
      const informer = createInformer(
        this.#client,
        gvk,
        {
          ...scope,
          ...(transform ? { transform } : {}),
          ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
          ...(onTransition ? { onTransition: (state, error) => onTransition(gvk, state, error) } : {}),
        },
        this.#options,
      )
      shared = new SharedInformer(informer, this.#clock, this.#options.lingerMs ?? 60_000, () =>
        this.#shared.delete(key),
      )
      this.#shared.set(key, shared)
    }
    shared.hold()
    return shared
  }
}
