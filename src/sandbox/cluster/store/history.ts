import type { Collection } from './collection.ts'
import type { StoredRecord } from './record.ts'

/** One committed change of one object. */
export interface ChangeEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** The version that the change made. */
  readonly version: number
  /** The new state; of a deletion, the last state with the version of the deletion. */
  readonly record: StoredRecord
  /** The state before; undefined for ADDED. */
  readonly previous: StoredRecord | undefined
  /** Texts sent to watchers, by form: an event is serialized once for all that want the same form. Made by the first. */
  lines?: Map<string, Buffer>
}

/** How much of the past is kept for watches and paged lists. */
export interface HistoryLimits {
  readonly maxEvents: number
  /** Characters of JSON in all kept changes together. */
  readonly maxCharacters: number
}

export const defaultHistoryLimits: HistoryLimits = { maxEvents: 10_000, maxCharacters: 8_000_000 }

/** The recent changes of all collections in one order; it forgets the oldest ones (compaction). */
export class History {
  readonly #limits: HistoryLimits
  #queue: { readonly collection: Collection; readonly size: number }[] = []
  #first = 0
  #characters = 0

  constructor(limits: HistoryLimits) {
    this.#limits = limits
  }

  append(collection: Collection, event: ChangeEvent): void {
    const size = event.record.json.length
    this.#queue.push({ collection, size })
    this.#characters += size
    collection.append(event)
    while (this.#queue.length - this.#first > this.#limits.maxEvents || this.#characters > this.#limits.maxCharacters) {
      const oldest = this.#queue[this.#first++]
      if (!oldest) break
      this.#characters -= oldest.size
      oldest.collection.forgetOldest()
    }
    if (this.#first > 4096 && this.#first > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#first)
      this.#first = 0
    }
  }
}
