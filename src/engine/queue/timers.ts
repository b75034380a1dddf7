import type { Clock } from '../../base/clock.ts'

/** The longest wait one timer of the runtime can hold; longer waits are chained. */
const longestMs = 2_147_000_000

/**
 * One pending alarm per key. Setting a key again keeps the earlier of the two moments, so that a far-off interval never
 * delays a near retry.
 */
export class Timers<K> {
  readonly #clock: Clock
  readonly #due = new Map<K, { at: number; stop: AbortController }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `ring` after `ms` milliseconds, or at the moment already set for the key when that is earlier. */
  set(key: K, ms: number, ring: () => void): void {
    const at = this.#clock.monotonic() + Math.max(0, ms)
    const pending = this.#due.get(key)
    if (pending !== undefined) {
      if (pending.at <= at) return
      pending.stop.abort()
    }
    const stop = new AbortController()
    this.#due.set(key, { at, stop })
    void this.#wait(key, at, stop, ring)
  }

  async #wait(key: K, at: number, stop: AbortController, ring: () => void): Promise<void> {
    try {
      for (let left = at - this.#clock.monotonic(); left > 0; left = at - this.#clock.monotonic()) {
        await this.#clock.sleep(Math.min(left, longestMs), stop.signal)
      }
    } catch {
      return
    }
    if (stop.signal.aborted) return
    this.#due.delete(key)
    ring()
  }

  /** Forgets the alarm of a key. */
  clear(key: K): void {
    this.#due.get(key)?.stop.abort()
    this.#due.delete(key)
  }

  /** Forgets every alarm. */
  clearAll(): void {
    for (const { stop } of this.#due.values()) stop.abort()
    this.#due.clear()
  }

  get size(): number {
    return this.#due.size
  }
}
