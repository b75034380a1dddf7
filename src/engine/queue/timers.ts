import { alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'

/** The longest wait one timer of the runtime can hold; longer waits are chained. */
const longestMs = 2_147_000_000

/**
 * One pending alarm per key. Setting a key again keeps the earlier of the two moments, so that a far-off interval never
 * delays a near retry.
 */
export class Timers<K> {
  readonly #clock: Clock
  readonly #due = new Map<K, { at: number; stop: () => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `ring` after `ms` milliseconds, or at the moment already set for the key when that is earlier. */
  set(key: K, ms: number, ring: () => void): void {
    const at = this.#clock.monotonic() + Math.max(0, ms)
    const pending = this.#due.get(key)
    if (pending !== undefined) {
      if (pending.at <= at) return
      pending.stop()
    }
    this.#wait(key, at, ring)
  }

  #wait(key: K, at: number, ring: () => void): void {
    const left = at - this.#clock.monotonic()
    const stop = alarm(this.#clock, Math.min(Math.max(0, left), longestMs), () => {
      if (at > this.#clock.monotonic()) return this.#wait(key, at, ring)
      this.#due.delete(key)
      ring()
    })
    this.#due.set(key, { at, stop })
  }

  /** Forgets the alarm of a key. */
  clear(key: K): void {
    this.#due.get(key)?.stop()
    this.#due.delete(key)
  }

  /** Forgets every alarm. */
  clearAll(): void {
    for (const { stop } of this.#due.values()) stop()
    this.#due.clear()
  }

  get size(): number {
    return this.#due.size
  }
}
