import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { KindRef, KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { type Informer, WatchCache, type WatchCacheOptions, type WatchScope } from '../kube/watch/index.ts'

type Transition = NonNullable<WatchCacheOptions['onTransition']>

/**
 * The management cluster as the parts of the server look at it: however many of them look at a kind, it is listed, watched
 * and held once. Objects are whole, but for the names of the fields that each manager owns below the first level.
 */
export class ClusterCache {
  readonly #cache: WatchCache
  readonly #listeners = new Set<Transition>()

  constructor(client: KubeClient, clock: Clock, logger: Logger) {
    this.#cache = new WatchCache(client, {
      clock,
      logger,
      transform: withShortManagedFields,
      onTransition: (...args) => {
        for (const listener of [...this.#listeners]) listener(...args)
      },
    })
  }

  informer(kind: KindRef, scope?: WatchScope): Informer {
    return this.#cache.informer(kind, scope)
  }

  /** Told of each problem and recovery of any watch, whoever asked for it. */
  onTransition(listener: Transition): void {
    this.#listeners.add(listener)
  }

  stop(): void {
    this.#listeners.clear()
    this.#cache.stop()
  }
}

/** Who changed an object, when, and what part of it: the names of all fields below are most of the size of many objects. */
export function withShortManagedFields(object: KubeObject): KubeObject {
  const { managedFields } = object.metadata
  if (managedFields === undefined) return object
  const short = managedFields.map(({ fieldsV1, ...entry }) => ({
    ...entry,
    fieldsV1: Object.fromEntries(Object.keys(fieldsV1 ?? {}).map(name => [name, {}])),
  }))
  return { ...object, metadata: { ...object.metadata, managedFields: short } }
}
