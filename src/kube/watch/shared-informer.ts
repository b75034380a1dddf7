import type { Clock } from '../../base/clock.ts'
import { abortedError, onAbort } from '../client/abort.ts'
import type { ApiResource } from '../client/types.ts'
import { formatRef, type ObjectRef } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import type { CacheEvent, Informer } from './types.ts'

/** One informer, who holds it, and who waits for which object. */
export class SharedInformer {
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
      let ignoreSignal = () => {}
      const finish = (end: () => void) => {
        ignoreSignal()
        const waiters = this.#waiters.get(key)
        if (waiters?.delete(waiter) && waiters.size === 0) this.#waiters.delete(key)
        end()
      }
      const stop = () => finish(() => reject(abortedError(signal, waitingFor(ref))))
      const look = (object: KubeObject | undefined) => {
        try {
          if (predicate(object)) finish(() => resolve(object))
        } catch (error) {
          finish(() => reject(error))
        }
      }
      const waiter: Waiter = { look, stop }
      const waiters = this.#waiters.get(key)
      if (waiters) waiters.add(waiter)
      else this.#waiters.set(key, new Set([waiter]))
      ignoreSignal = onAbort(signal, stop)
      if (!signal.aborted) look(this.informer.get(ref.namespace, ref.name))
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
export class InformerView implements Informer {
  readonly #shared: SharedInformer
  readonly #endings = new Set<() => void>()
  #released = false

  constructor(shared: SharedInformer) {
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

/** How errors call a wait for an object. */
export function waitingFor(ref: ObjectRef): string {
  return `waiting for ${formatRef(ref)}`
}
