import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { formatRef, type ObjectRef, refKey } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { createInformer, type Informer } from '../../kube/watch/index.ts'
import { settledWithin } from './within.ts'

/** Told of a change of an object, and of who reads it. */
export type WatchListener = (ref: ObjectRef, users: ReadonlySet<string>) => void

interface Entry {
  readonly users: Set<string>
  readonly informer: Promise<Informer | undefined>
  live: Informer | undefined
}

/**
 * Watches on single objects that the engine reads but does not manage: ConfigMaps and Secrets with variables, and
 * objects of `spec.healthChecks`. Shared by all users of an object, ended with the last of them.
 */
export class ObjectWatches {
  readonly #client: KubeClient
  readonly #clock: Clock
  readonly #listeners = new Set<WatchListener>()
  readonly #entries = new Map<string, Entry>()

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client
    this.#clock = clock
  }

  /** Calls back for each change of a watched object, with those who read it; returns the function that ends it. */
  onChange(listener: WatchListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The object as it is now; undefined when it does not exist. The first reading of an object starts its watch. */
  async read(user: string, ref: ObjectRef): Promise<KubeObject | undefined> {
    const key = refKey(ref)
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      entry = { users: new Set(), informer: this.#open(ref, key), live: undefined }
      this.#entries.set(key, entry)
    }
    entry.users.add(user)
    const informer = await entry.informer
    return informer?.get(ref.namespace, ref.name)
  }

  /** The object as last seen, without waiting; undefined when it does not exist or is not watched. */
  peek(ref: ObjectRef): KubeObject | undefined {
    return this.#entries.get(refKey(ref))?.live?.get(ref.namespace, ref.name)
  }

  /** Declares what a user reads: watches of others that it had end when nobody else needs them. */
  retain(user: string, refs: readonly ObjectRef[]): void {
    const wanted = new Set(refs.map(refKey))
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key) || !entry.users.delete(user) || entry.users.size > 0) continue
      this.#entries.delete(key)
      stopWhenOpen(entry)
    }
  }

  stop(): void {
    for (const entry of this.#entries.values()) stopWhenOpen(entry)
    this.#entries.clear()
  }

  async #open(ref: ObjectRef, key: string): Promise<Informer | undefined> {
    try {
      const scope = ref.namespace === '' ? {} : { namespace: ref.namespace }
      const filter = { ...scope, fieldSelector: `metadata.name=${ref.name}` }
      const informer = createInformer(this.#client, ref, filter, { clock: this.#clock })
      if (!(await settledWithin(informer.synced, 10_000, this.#clock))) {
        informer.stop()
        throw new SluiceError('E_ENGINE_NOT_READABLE', { object: formatRef(ref), seen: 'no answer within 10s' })
      }
      const entry = this.#entries.get(key)
      if (entry === undefined) {
        informer.stop()
        return undefined
      }
      entry.live = informer
      informer.subscribe(() => {
        for (const listener of [...this.#listeners]) listener(ref, entry.users)
      })
      return informer
    } catch (error) {
      this.#entries.delete(key)
      throw error
    }
  }
}

/** A watch that never opens is told to those who read it; here nobody is left to hear of it. */
function stopWhenOpen({ informer }: Entry): void {
  informer.then(
    open => open?.stop(),
    () => undefined,
  )
}
