import type { KubeObject } from '../kube/object.ts'
import type { Informer } from '../kube/watch/index.ts'
import { keyOf } from './kustomization/facts.ts'
import { isOlder } from './live/live-objects.ts'

/**
 * The newest reading of each object of a kind: what the watch shows, or our own write that the watch has not shown yet.
 * Without it a reconcile right after a write would work on what was there before.
 */
export class Latest<T extends KubeObject> {
  readonly #informer: Informer
  readonly #own = new Map<string, T>()

  constructor(informer: Informer) {
    this.#informer = informer
  }

  get(namespace: string, name: string): T | undefined {
    const seen = this.#informer.get(namespace, name) as T | undefined
    const key = `${namespace}/${name}`
    const own = this.#own.get(key)
    if (seen === undefined || own === undefined) return seen
    // The watch has caught up, or shows another object of the same name.
    if (
      own.metadata.uid === seen.metadata.uid &&
      isOlder(seen.metadata.resourceVersion, own.metadata.resourceVersion)
    ) {
      return own
    }
    this.#own.delete(key)
    return seen
  }

  list(): T[] {
    return this.#informer
      .list()
      .map(({ metadata }) => this.get(metadata.namespace ?? '', metadata.name ?? ''))
      .filter(object => object !== undefined)
  }

  /** Takes in a write of our own. */
  remember(object: T): void {
    this.#own.set(keyOf(object), object)
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#own.delete(key)
  }
}
