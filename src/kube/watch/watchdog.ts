import type { Clock } from '../../base/clock.ts'
import { onAbort } from '../client/abort.ts'

/**
 * Ends a stream on which nothing has come for too long. A connection whose other side has vanished without a word
 * (half-open TCP) looks just like a quiet one; opening it anew from the last version costs one request.
 */
export class Watchdog {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #controller = new AbortController()
  readonly #ignoreOuter: () => void
  #fedAt: number
  #barked = false

  constructor(clock: Clock, limitMs: number, outer: AbortSignal) {
    this.#clock = clock
    this.#limitMs = limitMs
    this.#fedAt = clock.monotonic()
    this.#ignoreOuter = onAbort(outer, () => this.#controller.abort())
    void this.#guard()
  }

  /** Aborted when nothing came for too long, or with the signal from outside. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether silence was the reason. */
  get barked(): boolean {
    return this.#barked
  }

  /** Something came. */
  feed(): void {
    this.#fedAt = this.#clock.monotonic()
  }

  end(): void {
    this.#ignoreOuter()
    this.#controller.abort()
  }

  async #guard(): Promise<void> {
    const { signal } = this.#controller
    for (;;) {
      const left = this.#fedAt + this.#limitMs - this.#clock.monotonic()
      if (left <= 0) break
      try {
        await this.#clock.sleep(left, signal)
      } catch {
        return
      }
    }
    if (signal.aborted) return
    this.#barked = true
    this.#controller.abort()
  }
}
