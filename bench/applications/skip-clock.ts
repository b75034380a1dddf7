import { type Clock, systemClock } from '../../src/base/clock.ts'

/** Waits from here on can be skipped; shorter ones take the time that they take. */
const longMs = 60_000

/** The real time, but for long waits: those can be skipped, so that a pass by interval need not be waited for. */
export class SkipClock implements Clock {
  #skipped = 0
  readonly #waits = new Set<{ readonly at: number; readonly wake: AbortController }>()

  now(): Date {
    return systemClock.now()
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#skipped
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < longMs) return systemClock.sleep(ms, signal)
    const wait = { at: this.monotonic() + ms, wake: new AbortController() }
    this.#waits.add(wait)
    try {
      await systemClock.sleep(ms, signal ? AbortSignal.any([signal, wait.wake.signal]) : wait.wake.signal)
    } catch {
      signal?.throwIfAborted()
    } finally {
      this.#waits.delete(wait)
    }
  }

  /** Lets time pass at once for all long waits. */
  skip(ms: number): void {
    this.#skipped += ms
    for (const { at, wake } of [...this.#waits]) if (at <= this.monotonic()) wake.abort()
  }
}
