import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { Store } from '../store/index.ts'
import { beatServer, deleteServer, insertServer, listServers } from '../store/tables/servers.ts'

/** Signs of life are given so often. */
const beatMs = 5000
/** A server whose number has not grown for so many beats, by the clock of who looks, is gone. */
const goneAfterBeats = 6

/** The servers of one store: each gives signs of life, and each looks for those that ended without a word. */
export class Members {
  readonly #store: Store
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #id: string
  /** Milliseconds from one sign of life to the next. */
  readonly everyMs: number
  #lookedAt = Number.NEGATIVE_INFINITY
  readonly #seen = new Map<string, { beat: number; at: number }>()

  constructor(store: Store, clock: Clock, logger: Logger, id: string, everyMs = beatMs) {
    this.#store = store
    this.#clock = clock
    this.#logger = logger
    this.#id = id
    this.everyMs = everyMs
  }

  async join(): Promise<void> {
    const { db, kind } = this.#store
    // A database in a file has one server, this one: the folder is locked.
    if (kind === 'sqlite') for (const { id } of await listServers(db)) await deleteServer(db, id)
    await insertServer(db, this.#id, this.#clock.now().toISOString())
  }

  /** Gives a sign of life and takes servers off the list that give none. */
  async beat(): Promise<void> {
    const { db } = this.#store
    if (!(await beatServer(db, this.#id))) {
      this.#logger.warn('other servers took this one for gone: it was stopped for too long', { server: this.#id })
      await insertServer(db, this.#id, this.#clock.now().toISOString())
    }
    const now = this.#clock.monotonic()
    // Who could not look for a while, for the database was away or this machine slept, cannot say of others that they were silent:
    // they may have been kept from speaking by the same.
    if (now - this.#lookedAt > (goneAfterBeats / 2) * this.everyMs) this.#seen.clear()
    this.#lookedAt = now
    for (const { id, beat } of await listServers(db)) {
      if (id === this.#id) continue
      const before = this.#seen.get(id)
      if (before === undefined || before.beat !== beat) this.#seen.set(id, { beat, at: now })
      else if (now - before.at >= goneAfterBeats * this.everyMs) {
        await deleteServer(db, id)
        this.#seen.delete(id)
        this.#logger.warn('a server of this store is gone', { server: id })
      }
    }
  }

  async leave(): Promise<void> {
    await deleteServer(this.#store.db, this.#id)
  }
}
