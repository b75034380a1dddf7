import type { ChangeEvent } from './history.ts'
import type { StoredRecord } from './record.ts'

/** Told of every committed change of a collection, in order. */
export type ChangeListener = (event: ChangeEvent) => void

/** All live objects of one kind, sorted by key as etcd sorts them, and their recent changes. */
export class Collection {
  /** The kind's storage name: `configmaps`, `deployments.apps`. */
  readonly id: string
  /** Whether bodies are encrypted on disk. */
  readonly sealed: boolean
  readonly #records = new Map<string, StoredRecord>()
  #sorted: string[] = []
  #unsorted = false
  /** Changes that a watch can still start from, oldest first; `#first` is the index of the oldest. */
  #events: ChangeEvent[] = []
  #first = 0
  /** Changes up to this version are forgotten: a watch from an older version answers 410. */
  compacted: number
  readonly listeners = new Set<ChangeListener>()

  constructor(id: string, sealed: boolean, compacted: number) {
    this.id = id
    this.sealed = sealed
    this.compacted = compacted
  }

  get size(): number {
    return this.#records.size
  }

  get(key: string): StoredRecord | undefined {
    return this.#records.get(key)
  }

  /** Puts a record in place of the one with its key. Only the store calls this. */
  set(record: StoredRecord): void {
    if (!this.#records.has(record.key)) {
      const last = this.#sorted.at(-1)
      if (last !== undefined && last > record.key) this.#unsorted = true
      this.#sorted.push(record.key)
    }
    this.#records.set(record.key, record)
  }

  /** Takes a record away. Only the store calls this. */
  remove(key: string): void {
    if (!this.#records.delete(key)) return
    const keys = this.#keys()
    const at = lowerBound(keys, key)
    if (keys[at] === key) keys.splice(at, 1)
  }

  /** Records in order of their keys: all of them, or those of one namespace. */
  *records(namespace = ''): Generator<StoredRecord> {
    const keys = this.#keys()
    const prefix = `${namespace}/`
    for (let i = namespace === '' ? 0 : lowerBound(keys, prefix); i < keys.length; i++) {
      const key = keys[i]!
      if (namespace !== '' && !key.startsWith(prefix)) return
      yield this.#records.get(key)!
    }
  }

  /**
   * Records as they were at an older version, in order of their keys: the live ones with every later change undone.
   * The version must not be older than `compacted`.
   */
  recordsAt(version: number, namespace = ''): StoredRecord[] {
    const undone = new Map<string, StoredRecord | undefined>()
    for (let i = this.#events.length - 1; i >= this.#first; i--) {
      const event = this.#events[i]!
      if (event.version <= version) break
      undone.set(event.record.key, event.previous)
    }
    if (undone.size === 0) return [...this.records(namespace)]
    const prefix = `${namespace}/`
    const result: StoredRecord[] = []
    for (const record of this.records(namespace)) if (!undone.has(record.key)) result.push(record)
    for (const [key, record] of undone) if (record && (namespace === '' || key.startsWith(prefix))) result.push(record)
    return result.sort((a, b) => (a.key < b.key ? -1 : 1))
  }

  /** Changes after a version, oldest first. */
  changesAfter(version: number): ChangeEvent[] {
    let low = this.#first
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#events[middle]!.version <= version) low = middle + 1
      else high = middle
    }
    return this.#events.slice(low)
  }

  /** Adds a committed change and tells the listeners. Only the store calls this. */
  append(event: ChangeEvent): void {
    this.#events.push(event)
    for (const listener of this.listeners) listener(event)
  }

  /** Forgets the oldest change. Only the history calls this. */
  forgetOldest(): void {
    const event = this.#events[this.#first++]
    if (event) this.compacted = event.version
    if (this.#first > 1024 && this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }

  #keys(): string[] {
    if (this.#unsorted) {
      this.#sorted.sort(byText)
      this.#unsorted = false
    }
    return this.#sorted
  }
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}
