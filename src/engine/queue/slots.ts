/**
 * Worker slots that can be lent out: who waits for something outside gives its slot back meanwhile.
 * Those who come back are served before new work, so that work that was begun gets finished first.
 */
export class Slots {
  #free: number
  readonly #returning: (() => void)[] = []
  readonly #onFree: () => void

  /** `onFree` is called whenever a slot is free and nobody who had one wants it back. */
  constructor(slots: number, onFree: () => void) {
    this.#free = slots
    this.#onFree = onFree
  }

  /** Whether a slot is free. */
  get free(): boolean {
    return this.#free > 0
  }

  /** Takes a slot if one is free. */
  tryTake(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  /** Gives a slot back. */
  give(): void {
    const next = this.#returning.shift()
    if (next !== undefined) {
      next()
      return
    }
    this.#free++
    this.#onFree()
  }

  /** Runs `work` without the caller's slot and takes one again before it settles. */
  async lend<T>(work: () => Promise<T>): Promise<T> {
    this.give()
    try {
      return await work()
    } finally {
      if (!this.tryTake()) await new Promise<void>(resolve => this.#returning.push(resolve))
    }
  }
}
