import { type Clock, systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { toGvk } from '../client/paths.ts'
import type { ApiResource, KindRef, KubeClient } from '../client/types.ts'
import { formatApiVersion, formatRef, type ObjectRef } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import { createInformer, type InformerDeps } from './informer.ts'
import type { CacheEvent, Informer, InformerOptions } from './types.ts'

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
  readonly #shared = new Map<string, Shared>()
  #stopped = false

  constructor(client: KubeClient, options: WatchCacheOptions = {}) {
    this.#client = client
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  /** A view of the shared informer of a kind. Its `stop` lets go of it and ends this view's subscriptions only. */
  informer(kind: KindRef, scope: WatchScope = {}): Informer {
    return new View(this.#acquire(kind, scope))
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
      if (!shared.informer.hasSynced) await abortable(shared.informer.synced, signal, ref)
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
      if (!shared.informer.hasSynced) await abortable(shared.informer.synced, signal, ref)
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

  #acquire(kind: KindRef, scope: WatchScope): Shared {
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
      shared = new Shared(informer, this.#clock, this.#options.lingerMs ?? 60_000, () => this.#shared.delete(key))
      this.#shared.set(key, shared)
    }
    shared.hold()
    return shared
  }
}

/** One informer, who holds it, and who waits for which object. */
class Shared {
  readonly informer: Informer
  readonly #clock: Clock
  readonly #lingerMs: number
  readonly #forget: () => void
  readonly #waiters = new Map<string, Set<Waiter>>()
  #holders = 0
  #linger: AbortController | undefined

  constructor(informer: Informer, clock: Clock, lingerMs: number, forget: () => void) {
    this.informer = informer
    this.#clock = clock
    this.#lingerMs = lingerMs
    this.#forget = forget
    informer.subscribe(event => this.#dispatch(event))
  }

  hold(): void {
    this.#holders++
    this.#linger?.abort()
    this.#linger = undefined
  }

  release(): void {
    if (--this.#holders > 0) return
    const linger = new AbortController()
    this.#linger = linger
    this.#clock.sleep(this.#lingerMs, linger.signal).then(
      () => {
        this.#forget()
        this.end()
      },
      () => undefined,
    )
  }

  end(): void {
    this.#linger?.abort()
    this.informer.stop()
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.stop()
    this.#waiters.clear()
  }

  waitFor(
    ref: ObjectRef,
    predicate: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const key = `${ref.namespace}/${ref.name}`
    return new Promise((resolve, reject) => {
      const finish = (end: () => void) => {
        signal.removeEventListener('abort', stop)
        const waiters = this.#waiters.get(key)
        if (waiters?.delete(waiter) && waiters.size === 0) this.#waiters.delete(key)
        end()
      }
      const stop = () => finish(() => reject(abortedWait(ref, signal)))
      const look = (object: KubeObject | undefined) => {
        try {
          if (predicate(object)) finish(() => resolve(object))
        } catch (error) {
          finish(() => reject(error))
        }
      }
      const waiter: Waiter = { look, stop }
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
      const waiters = this.#waiters.get(key)
      if (waiters) waiters.add(waiter)
      else this.#waiters.set(key, new Set([waiter]))
      look(this.informer.get(ref.namespace, ref.name))
    })
  }

  #dispatch(event: CacheEvent): void {
    if (this.#waiters.size === 0) return
    const { namespace = '', name = '' } = event.object.metadata
    const waiters = this.#waiters.get(`${namespace}/${name}`)
    if (waiters) for (const waiter of [...waiters]) waiter.look(event.type === 'deleted' ? undefined : event.object)
  }
}

interface Waiter {
  look(object: KubeObject | undefined): void
  stop(): void
}

/** One holder's view of a shared informer. */
class View implements Informer {
  readonly #shared: Shared
  readonly #endings = new Set<() => void>()
  #released = false

  constructor(shared: Shared) {
    this.#shared = shared
  }

  get resource(): ApiResource {
    return this.#shared.informer.resource
  }

  get synced(): Promise<void> {
    return this.#shared.informer.synced
  }

  get hasSynced(): boolean {
    return this.#shared.informer.hasSynced
  }

  get resourceVersion(): string | undefined {
    return this.#shared.informer.resourceVersion
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#shared.informer.get(namespace, name)
  }

  list(namespace?: string): readonly KubeObject[] {
    return this.#shared.informer.list(namespace)
  }

  subscribe(listener: (event: CacheEvent) => void): () => void {
    const end = this.#shared.informer.subscribe(listener)
    this.#endings.add(end)
    return () => {
      this.#endings.delete(end)
      end()
    }
  }

  stop(): void {
    if (this.#released) return
    this.#released = true
    for (const end of this.#endings) end()
    this.#endings.clear()
    this.#shared.release()
  }
}

function abortable(promise: Promise<void>, signal: AbortSignal | undefined, ref: ObjectRef): Promise<void> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const stop = () => reject(abortedWait(ref, signal))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function abortedWait(ref: ObjectRef, signal: AbortSignal): SluiceError {
  const reason: unknown = signal.reason
  if (reason instanceof SluiceError) return reason
  return new SluiceError('E_ABORTED', { object: `waiting for ${formatRef(ref)}`, cause: reason })
}
