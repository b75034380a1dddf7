import { randomUUID } from 'node:crypto'
import type { LogEvent } from 'kysely'
import type { Db } from './schema.ts'
import { whyNotWritten } from './store-error.ts'

/** More than is free in the pages of a table. */
const proofBytes = 64 * 1024

/**
 * Whether the database takes writes. A small one may still fit where a larger one failed, so trouble ends only when one of some
 * size has been written.
 */
export class WriteTrouble {
  #why: string | undefined

  /** A phrase; undefined while there is none. */
  get why(): string | undefined {
    return this.#why
  }

  /** Sees every statement that fails. */
  readonly log = (event: LogEvent): void => {
    if (event.level === 'error') this.#why = whyNotWritten(event.error) ?? this.#why
  }

  /** Tries a write, when there is trouble. Fails with what the database says. */
  async tryAgain(db: Db): Promise<void> {
    if (this.#why === undefined) return
    const name = `room ${randomUUID()}`
    await db.transaction().execute(async tx => {
      const row = { name, server_id: 'x'.repeat(proofBytes), started_at: '', busy_until: '' }
      await tx.insertInto('periodic').values(row).execute()
      await tx.deleteFrom('periodic').where('name', '=', name).execute()
    })
    this.#why = undefined
  }
}
