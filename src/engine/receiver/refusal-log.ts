import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'

/** One line per webhook and reason in this time; a flood of calls is no flood of lines. */
const everyMs = 60_000

/** Logs refused calls: the first at once, the rest as a number later. */
export class RefusalLog {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #seen = new Map<string, { at: number; more: number }>()

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  add(receiver: string, why: string): void {
    const key = `${receiver} ${why}`
    const now = this.#clock.monotonic()
    const seen = this.#seen.get(key)
    if (seen !== undefined && now - seen.at < everyMs) {
      seen.more++
      return
    }
    // Callers can make up reasons (names of events), so they are not kept without end.
    if (this.#seen.size >= 1000) this.#seen.clear()
    this.#seen.set(key, { at: now, more: 0 })
    const since = seen === undefined || seen.more === 0 ? {} : { alsoSince: seen.more }
    this.#logger.warn('webhook call refused', { receiver, why, ...since })
  }
}
