import type { KubeObject, OwnerReference } from '../../../kube/object.ts'
import type { Informer } from '../../../kube/watch/index.ts'
import { apiVersionOf, type KindName } from './kinds.ts'

/** The owner that controls an object: at most one has `controller: true`. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(owner => owner.controller === true)
}

/** The reference by which `owner` controls what it makes. */
export function controllerReference(kind: KindName, owner: KubeObject): OwnerReference {
  return {
    apiVersion: apiVersionOf(kind),
    kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** The key of an object in its kind: `namespace/name`. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name ?? ''}`
}

/** Splits `namespace/name`. */
export function splitKey(key: string): [namespace: string, name: string] {
  const cut = key.indexOf('/')
  return [key.slice(0, cut), key.slice(cut + 1)]
}

/** The cached objects of a kind by the uid of their controller, so that nobody looks through all of them. */
export class OwnedIndex<T extends KubeObject> {
  readonly #byOwner = new Map<string, Map<string, T>>()
  readonly #placeOf = new Map<string, string>()

  constructor(informer: Informer) {
    for (const object of informer.list()) this.#put(object as T)
    informer.subscribe(({ type, object }) => {
      if (type === 'deleted') this.#drop(object)
      else this.#put(object as T)
    })
  }

  /** What an object controls. */
  of(owner: KubeObject): T[] {
    return [...(this.#byOwner.get(owner.metadata.uid ?? '')?.values() ?? [])]
  }

  /** The objects of a namespace that nobody controls. */
  orphans(namespace: string): T[] {
    return [...(this.#byOwner.get(`orphans of ${namespace}`)?.values() ?? [])]
  }

  #put(object: T): void {
    const key = keyOf(object)
    const place = controllerOf(object)?.uid ?? `orphans of ${object.metadata.namespace ?? ''}`
    const before = this.#placeOf.get(key)
    if (before !== undefined && before !== place) this.#remove(before, key)
    this.#placeOf.set(key, place)
    let objects = this.#byOwner.get(place)
    if (!objects) this.#byOwner.set(place, (objects = new Map()))
    objects.set(key, object)
  }

  #drop(object: KubeObject): void {
    const key = keyOf(object)
    const place = this.#placeOf.get(key)
    if (place === undefined) return
    this.#placeOf.delete(key)
    this.#remove(place, key)
  }

  #remove(place: string, key: string): void {
    const objects = this.#byOwner.get(place)
    objects?.delete(key)
    if (objects?.size === 0) this.#byOwner.delete(place)
  }
}
