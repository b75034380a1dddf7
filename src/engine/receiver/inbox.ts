import type { Clock } from '../../base/clock.ts'

/** Works on what came in together. */
export type WorkOn<T> = (batch: readonly T[]) => Promise<void>

/** How much may wait. */
export interface InboxLimits {
  readonly items: number
  readonly bytes: number
  /** Milliseconds between the start of one batch and the next. */
  readonly everyMs: number
}

/**
 * Calls of one webhook. The first is worked on at once; those that come meanwhile, or soon after, are one batch later:
 * a flood costs one pass each time, however many calls it has.
 */
export class Inbox<T> {
  readonly #clock: Clock
  readonly #limits: InboxLimits
  readonly #work: WorkOn<T>
  #waiting: { item: T; bytes: number; resolve: () => void; reject: (error: unknown) => void }[] = []
  #bytes = 0
  #running = false
  #nextAt = 0

  constructor(clock: Clock, limits: InboxLimits, work: WorkOn<T>) {
    this.#clock = clock
    this.#limits = limits
    this.#work = work
  }

  /** Resolves when the batch that holds the item is done; undefined when too much waits already. */
  add(item: T, bytes: number): Promise<void> | undefined {
    const { items, bytes: most } = this.#limits
    if (this.#waiting.length >= items || (this.#waiting.length > 0 && this.#bytes + bytes > most)) return undefined
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, bytes, resolve, reject })
      this.#bytes += bytes
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (this.#waiting.length > 0) {
      const wait = this.#nextAt - this.#clock.monotonic()
      if (wait > 0) await this.#clock.sleep(wait)
      this.#nextAt = this.#clock.monotonic() + this.#limits.everyMs
      const batch = this.#waiting
      this.#waiting = []
      this.#bytes = 0
      try {
        await this.#work(batch.map(({ item }) => item))
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#running = false
  }
}
