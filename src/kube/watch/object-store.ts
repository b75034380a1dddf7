import type { KubeObject } from '../object.ts'
import type { CacheEvent } from './types.ts'

/** The objects of one collection, by namespace and name, and the rules by which changes enter it. */
export class ObjectStore {
  readonly #namespaces = new Map<string, Map<string, KubeObject>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace)?.get(name)
  }

  list(namespace?: string): KubeObject[] {
    if (namespace !== undefined) return [...(this.#namespaces.get(namespace)?.values() ?? [])]
    const all: KubeObject[] = []
    for (const objects of this.#namespaces.values()) for (const object of objects.values()) all.push(object)
    return all
  }

  /**
   * Takes in an object of a watch event. Nothing is reported for what is known already (duplicates) or older than
   * what is known (events out of order).
   */
  put(object: KubeObject): CacheEvent[] {
    const previous = this.#get(object)
    if (previous && sameObject(previous, object) && !isNewer(object, previous)) return []
    return this.#replace(object, previous)
  }

  /** Takes out the object of a DELETED event, unless another one of that name is already there. */
  remove(object: KubeObject): CacheEvent[] {
    const previous = this.#get(object)
    if (!previous || !sameObject(previous, object)) return []
    this.#delete(previous)
    return [{ type: 'deleted', object }]
  }

  /** Takes in a complete list, which is the truth: reports only what differs from what was known. */
  reset(items: readonly KubeObject[]): CacheEvent[] {
    const events: CacheEvent[] = []
    const gone = new Set(this.list())
    for (const object of items) {
      const previous = this.#get(object)
      if (previous) gone.delete(previous)
      if (previous && sameObject(previous, object) && versionOf(previous) === versionOf(object)) continue
      events.push(...this.#replace(object, previous))
    }
    for (const object of gone) {
      this.#delete(object)
      events.push({ type: 'deleted', object })
    }
    return events
  }

  #replace(object: KubeObject, previous: KubeObject | undefined): CacheEvent[] {
    this.#set(object)
    if (!previous) return [{ type: 'added', object }]
    // Deleted and made again under the same name while nobody looked.
    if (!sameObject(previous, object))
      return [
        { type: 'deleted', object: previous },
        { type: 'added', object },
      ]
    return [{ type: 'modified', object, previous }]
  }

  #get(object: KubeObject): KubeObject | undefined {
    return this.get(object.metadata.namespace ?? '', object.metadata.name ?? '')
  }

  #set(object: KubeObject): void {
    const namespace = object.metadata.namespace ?? ''
    const name = object.metadata.name ?? ''
    let objects = this.#namespaces.get(namespace)
    if (!objects) this.#namespaces.set(namespace, (objects = new Map()))
    if (!objects.has(name)) this.#size++
    objects.set(name, object)
  }

  #delete(object: KubeObject): void {
    const namespace = object.metadata.namespace ?? ''
    const objects = this.#namespaces.get(namespace)
    if (!objects?.delete(object.metadata.name ?? '')) return
    this.#size--
    if (objects.size === 0) this.#namespaces.delete(namespace)
  }
}

function versionOf(object: KubeObject): string | undefined {
  return object.metadata.resourceVersion
}

function sameObject(a: KubeObject, b: KubeObject): boolean {
  return a.metadata.uid === b.metadata.uid
}

function isNewer(a: KubeObject, b: KubeObject): boolean {
  return compareVersions(versionOf(a), versionOf(b)) > 0
}

/**
 * Order of two resource versions. They are decimal numbers that rise (KEP-5504 makes that a promise); anything else
 * counts as newer when it differs.
 */
export function compareVersions(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined || !/^[0-9]+$/.test(a) || !/^[0-9]+$/.test(b)) return 1
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : left > right ? 1 : 0
}
