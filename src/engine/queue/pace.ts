import type { Clock } from '../../base/clock.ts'

export interface PaceOptions {
  readonly clock: Clock
  /** So many at once. */
  readonly burst: number
  /** After that, one each so many milliseconds. */
  readonly everyMs: number
}

/** Lets work through at a pace, in the order that it came. Who gives up before its turn takes none. */
export class Pace {
  readonly #options: PaceOptions
  readonly #waiting = new Set<() => void>()
  #serving = false
  /** When the next one may go, had there been no burst (monotonic, milliseconds). */
  #next = Number.NEGATIVE_INFINITY

  constructor(options: PaceOptions) {
    this.#options = options
  }

  /** Resolves when it is the caller's turn; rejects with the signal's reason when that comes first. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(go)
        reject(signal.reason)
      }
      const go = () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting.add(go)
      if (!this.#serving) void this.#serve()
    })
  }

  async #serve(): Promise<void> {
    const { clock, burst, everyMs } = this.#options
    this.#serving = true
    for (;;) {
      const [first] = this.#waiting
      if (first === undefined) break
      const now = clock.monotonic()
      const slot = Math.max(this.#next, now - (burst - 1) * everyMs)
      if (slot > now) {
        await clock.sleep(slot - now)
        continue
      }
      this.#next = slot + everyMs
      this.#waiting.delete(first)
      first()
    }
    this.#serving = false
  }
}
