import { backoffDelay } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import { DeliveryFailure } from './providers/types.ts'

/** One thing to send. */
export interface Delivery {
  /** Sends it once; may be called again after a passing failure. */
  run(signal: AbortSignal): Promise<void>
  /** Told that it did not arrive and is not tried again. */
  failed(error: Error): void
}

export interface OutletOptions {
  readonly clock: Clock
  /** Deliveries that wait at most; beyond it new ones are refused. */
  readonly mostWaiting: number
  /** Tries of one delivery. */
  readonly tries: number
  /** A wait that the other side asks for is honoured up to this, in milliseconds. */
  readonly longestWaitMs: number
  readonly random?: () => number
}

/** Waits between tries, as Flux's. */
const backoff = { baseMs: 2000, maxMs: 30_000 }

/**
 * What waits to be sent to one Provider, in order, one at a time: a slow or failing system holds up nobody else, and a
 * system that asks to wait is left alone for that long by all alerts.
 */
export class Outlet {
  readonly #options: OutletOptions
  readonly #waiting: Delivery[] = []
  readonly #stop = new AbortController()
  #quietUntil = 0
  #working: Promise<void> | undefined

  constructor(options: OutletOptions) {
    this.#options = options
  }

  /** Takes a delivery; false when too many wait already. */
  add(delivery: Delivery): boolean {
    if (this.#stop.signal.aborted || this.#waiting.length >= this.#options.mostWaiting) return false
    this.#waiting.push(delivery)
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
    })
    return true
  }

  get size(): number {
    return this.#waiting.length
  }

  /** Whether nothing waits and nothing is being sent, and nobody asked to wait. */
  get idle(): boolean {
    return this.#working === undefined && this.#options.clock.monotonic() >= this.#quietUntil
  }

  /** Lets what waits go out for so long, then gives it up. */
  async close(graceMs: number): Promise<void> {
    const timer = new AbortController()
    const { clock } = this.#options
    const timeUp = clock.sleep(graceMs, timer.signal).then(
      () => this.#stop.abort(new DOMException('the engine is closing', 'AbortError')),
      () => undefined,
    )
    await this.#working
    timer.abort()
    await timeUp
    this.#stop.abort(new DOMException('the engine is closing', 'AbortError'))
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await this.#deliver(next)
      } catch (error) {
        next.failed(error instanceof Error ? error : new Error(String(error)))
      }
    }
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { clock, tries, longestWaitMs, random } = this.#options
    const { signal } = this.#stop
    for (let attempt = 1; ; attempt++) {
      const quiet = this.#quietUntil - clock.monotonic()
      if (quiet > 0) await clock.sleep(quiet, signal)
      signal.throwIfAborted()
      try {
        return await delivery.run(signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof DeliveryFailure)) throw error
        if (error.waitMs !== undefined) this.#quietUntil = clock.monotonic() + Math.min(error.waitMs, longestWaitMs)
        if (!error.passing || attempt >= tries) throw error
        if (error.waitMs !== undefined && error.waitMs > longestWaitMs) {
          throw new DeliveryFailure(
            `${error.message}; it asks to wait ${Math.ceil(error.waitMs / 1000)} s, which is too long`,
          )
        }
        if (error.waitMs === undefined) await clock.sleep(backoffDelay(attempt, backoff, random), signal)
      }
    }
  }
}
