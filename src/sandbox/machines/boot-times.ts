import type { Clock } from '../../base/clock.ts'

/**
 * When each machine has had its time to start. Counted from when it was first seen, because creation times are whole
 * seconds; after a restart of the process a machine starts anew.
 */
export class BootTimes {
  readonly #clock: Clock
  readonly #readyAfterMs: number
  readonly #since = new Map<string, number>()
  readonly #started = new Set<string>()

  constructor(clock: Clock, readyAfterMs: number) {
    this.#clock = clock
    this.#readyAfterMs = readyAfterMs
  }

  /** Milliseconds until a machine is Ready, 0 when it is time; undefined when it was started already. */
  leftMs(node: string): number | undefined {
    if (this.#started.has(node)) return undefined
    const now = this.#clock.monotonic()
    const since = this.#since.get(node) ?? now
    this.#since.set(node, since)
    return Math.max(0, since + this.#readyAfterMs - now)
  }

  /** Notes that a machine was started. */
  started(node: string): void {
    this.#since.delete(node)
    this.#started.add(node)
  }

  /** Forgets a machine. */
  forget(node: string): void {
    this.#since.delete(node)
    this.#started.delete(node)
  }
}
