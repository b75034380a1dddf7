/** One change for the disk. */
export interface JournalEntry {
  readonly collection: string
  readonly key: string
  readonly version: number
  /** The new text; undefined removes the object. */
  readonly json: string | undefined
  /** Whether the text is encrypted before it is written. */
  readonly sealed: boolean
}

/** What stands on disk when a store opens. */
export interface JournalRow {
  readonly collection: string
  readonly version: number
  readonly json: string
}

/** Keeps changes durable. */
export interface Journal {
  /** Every object that was kept, and the highest version ever given out. */
  load(): { readonly rows: Iterable<JournalRow>; readonly version: number }
  /** Makes a batch durable, all of it or nothing. Throws when it cannot. */
  commit(batch: readonly JournalEntry[], version: number): void
  close(): void
}

/** Keeps nothing: the cluster lives as long as its process. */
export function memoryJournal(): Journal {
  return { load: () => ({ rows: [], version: 0 }), commit() {}, close() {} }
}
