import type { ColumnDefinitionBuilder, Kysely } from 'kysely'

/**
 * One step of the schema. Written once for both databases: columns are `text` (times as ISO 8601 in UTC, JSON as text,
 * ids as random text) and `integer` (booleans as 0 and 1), so that every query compares alike. A step is never changed
 * after it was released; the next one changes what it made.
 */
export interface Migration {
  /** `0001-access`: the number orders them, the file has the same name. */
  readonly name: string
  up(tools: MigrationTools): Promise<void>
}

export interface MigrationTools {
  // biome-ignore lint/suspicious/noExplicitAny: the schema is what migrations make; it has no type before
  readonly db: Kysely<any>
  /** Adds to a table the column `id`: a number that grows by itself and is never used again. */
  readonly numberedId: {
    readonly type: 'integer' | 'bigserial'
    readonly with: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder
  }
}
