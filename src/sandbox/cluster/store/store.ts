import { asSluiceError, SluiceError } from '../../../base/errors/index.ts'
import type { Logger } from '../../../base/log.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { Collection } from './collection.ts'
import { type ChangeEvent, defaultHistoryLimits, History, type HistoryLimits } from './history.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { ParsedCache } from './parsed-cache.ts'
import { StoredRecord } from './record.ts'

export interface StoreOptions {
  readonly journal: Journal
  readonly logger: Logger
  /** How much of the past watches can start from. */
  readonly history?: HistoryLimits
  /** Characters of JSON whose parsed form is kept beside the text; 4 million when absent. */
  readonly parsedCharacters?: number
}

/** Collections whose bodies are encrypted on disk. */
const sealedCollections = new Set(['secrets'])

interface Pending {
  readonly collection: Collection
  readonly event: ChangeEvent
}

/**
 * The objects of the cluster: live ones in memory, every change in the journal, one rising version for all of them.
 *
 * Writes are made in memory at once, so that the next writer sees them, and are committed together at the end of the
 * event-loop turn (group commit). Nobody outside may learn of a write before: answers wait for `settled()`, watch events
 * are given out after the commit. When the commit fails, the whole batch is undone and its writers get the error.
 */
export class Store {
  readonly #journal: Journal
  readonly #logger: Logger
  readonly #history: History
  readonly #parsed: ParsedCache
  readonly #collections = new Map<string, Collection>()
  #version: number
  /** Changes up to this version happened in earlier processes. */
  readonly #forgotten: number
  #pending: Pending[] = []
  #flush: { readonly promise: Promise<void>; resolve(): void; reject(error: unknown): void } | undefined
  readonly #listeners = new Set<(collection: Collection, event: ChangeEvent) => void>()
  #closed = false

  constructor(options: StoreOptions) {
    this.#journal = options.journal
    this.#logger = options.logger
    this.#history = new History(options.history ?? defaultHistoryLimits)
    this.#parsed = new ParsedCache(options.parsedCharacters ?? 4_000_000)
    const { rows, version } = this.#journal.load()
    // Version 1 is always forgotten: like a server that has run for a while, this one does not know its first moments.
    this.#version = Math.max(version, 2)
    this.#forgotten = this.#version
    for (const row of rows) {
      const object = JSON.parse(row.json) as KubeObject
      this.collection(row.collection).set(new StoredRecord(object, row.json, row.version, this.#parsed))
    }
  }

  /** The version of the last write. */
  get version(): number {
    return this.#version
  }

  /** The collection of a kind, by its storage name (`plural` or `plural.group`). */
  collection(id: string): Collection {
    let found = this.#collections.get(id)
    if (!found) {
      found = new Collection(id, sealedCollections.has(id), this.#forgotten)
      this.#collections.set(id, found)
    }
    return found
  }

  /** All collections that hold or held something. */
  collections(): readonly Collection[] {
    return [...this.#collections.values()]
  }

  /** Calls back for every committed change of every collection, in order; returns the function that ends it. */
  onChange(listener: (collection: Collection, event: ChangeEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether writes wait for their commit. */
  get isDirty(): boolean {
    return this.#flush !== undefined
  }

  /** Resolves when every write made so far is durable; rejects when the batch could not be committed. */
  settled(): Promise<void> {
    return this.#flush?.promise ?? Promise.resolve()
  }

  /**
   * Creates or replaces an object; gives it the next version. The object must not be changed afterwards.
   * `kind` and `apiVersion` must be its first keys, in this order.
   */
  put(collection: Collection, object: KubeObject, previous: StoredRecord | undefined): StoredRecord {
    const version = this.#nextVersion()
    object.metadata.resourceVersion = String(version)
    const record = new StoredRecord(object, JSON.stringify(object), version, this.#parsed)
    collection.set(record)
    this.#enqueue(collection, { type: previous ? 'MODIFIED' : 'ADDED', version, record, previous })
    return record
  }

  /** Removes an object; the record that comes back is its last state with the version of the deletion. */
  remove(collection: Collection, previous: StoredRecord): StoredRecord {
    const version = this.#nextVersion()
    const last = previous.object
    const object = { ...last, metadata: { ...last.metadata, resourceVersion: String(version) } }
    const record = new StoredRecord(object, JSON.stringify(object), version, this.#parsed)
    collection.remove(previous.key)
    this.#enqueue(collection, { type: 'DELETED', version, record, previous })
    return record
  }

  /** Commits what is pending and closes the journal. */
  close(): void {
    if (this.#closed) return
    this.#commit()
    this.#closed = true
    this.#journal.close()
  }

  #nextVersion(): number {
    if (this.#closed) throw new SluiceError('E_ABORTED', { object: 'sandbox cluster', seen: 'it is shutting down' })
    return ++this.#version
  }

  #enqueue(collection: Collection, event: ChangeEvent): void {
    this.#pending.push({ collection, event })
    if (this.#flush) return
    let resolve!: () => void
    let reject!: (error: unknown) => void
    const promise = new Promise<void>((yes, no) => {
      resolve = yes
      reject = no
    })
    // Writers that did not wait (background work) must not turn a failed commit into an unhandled rejection.
    promise.catch(() => undefined)
    this.#flush = { promise, resolve, reject }
    setImmediate(() => this.#commit())
  }

  #commit(): void {
    const flush = this.#flush
    if (!flush) return
    const batch = this.#pending
    this.#pending = []
    this.#flush = undefined
    try {
      this.#journal.commit(
        batch.map(
          ({ collection, event }): JournalEntry => ({
            collection: collection.id,
            key: event.record.key,
            version: event.version,
            json: event.type === 'DELETED' ? undefined : event.record.json,
            sealed: collection.sealed,
          }),
        ),
        this.#version,
      )
    } catch (cause) {
      for (const { collection, event } of batch.reverse()) {
        if (event.previous) collection.set(event.previous)
        else collection.remove(event.record.key)
      }
      const error = asSluiceError(cause)
      this.#logger.error('the store could not commit; the writes are undone', {
        code: error.code,
        writes: batch.length,
      })
      flush.reject(error)
      return
    }
    flush.resolve()
    for (const { collection, event } of batch) {
      this.#history.append(collection, event)
      for (const listener of this.#listeners) listener(collection, event)
    }
  }
}
