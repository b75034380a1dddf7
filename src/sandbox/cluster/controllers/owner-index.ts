import type { KubeObject } from '../../../kube/object.ts'
import type { Collection } from '../store/collection.ts'
import type { StoredRecord } from '../store/record.ts'

/** Where an object stands. */
export interface ObjectPlace {
  readonly collection: Collection
  readonly key: string
}

/** Which objects there are, by uid, and which of them depend on which owners. */
export class OwnerIndex {
  readonly #places = new Map<string, ObjectPlace>()
  readonly #dependents = new Map<string, Set<string>>()

  /** Takes in an object as it is now. */
  put(collection: Collection, record: StoredRecord, previous: StoredRecord | undefined): void {
    this.#places.set(record.uid, { collection, key: record.key })
    const before = previous ? ownersOf(previous.object) : []
    const now = ownersOf(record.object)
    for (const owner of before) if (!now.includes(owner)) this.#dependents.get(owner)?.delete(record.uid)
    for (const owner of now) {
      let set = this.#dependents.get(owner)
      if (!set) this.#dependents.set(owner, (set = new Set()))
      set.add(record.uid)
    }
  }

  /** Forgets an object that is gone; what depended on it is still known by its uid. */
  remove(record: StoredRecord): void {
    this.#places.delete(record.uid)
    for (const owner of ownersOf(record.object)) this.#drop(owner, record.uid)
  }

  placeOf(uid: string): ObjectPlace | undefined {
    return this.#places.get(uid)
  }

  has(uid: string): boolean {
    return this.#places.has(uid)
  }

  /** The live objects that name an owner. */
  dependentsOf(uid: string): { readonly collection: Collection; readonly record: StoredRecord }[] {
    const found: { collection: Collection; record: StoredRecord }[] = []
    for (const dependent of this.#dependents.get(uid) ?? []) {
      const place = this.#places.get(dependent)
      const record = place?.collection.get(place.key)
      if (place && record?.uid === dependent) found.push({ collection: place.collection, record })
    }
    return found
  }

  #drop(owner: string, uid: string): void {
    const set = this.#dependents.get(owner)
    set?.delete(uid)
    if (set?.size === 0) this.#dependents.delete(owner)
  }
}

/** Uids of an object's owners. */
export function ownersOf(object: KubeObject): string[] {
  return (object.metadata.ownerReferences ?? []).map(owner => owner.uid)
}
