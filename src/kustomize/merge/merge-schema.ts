/** What a strategic merge must know of a field: how its lists merge, and the schema of what is in it. */
export interface MergeSchema {
  /** Whether the list's items are merged and not replaced. */
  readonly merges: boolean
  /** The fields that identify an item; none for lists of scalars. */
  readonly keys: readonly string[]
  /** The schema of a field of a mapping; undefined when nothing is known of it. */
  field(name: string): MergeSchema | undefined
  /** The schema of a list's items. */
  readonly items: MergeSchema | undefined
}

/** Finds the schema of a kind. */
export interface MergeSchemas {
  of(apiVersion: string, kind: string): MergeSchema | undefined
}
