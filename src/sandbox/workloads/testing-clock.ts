import type { Clock } from '../../base/clock.ts'

/** Real time that can be put forward: who sleeps wakes when the time has come either way. */
export class MovableClock implements Clock {
  #offset = 0
  readonly #looks = new Set<() => void>()

  now(): Date {
    return new Date(Date.now() + this.#offset)
  }

  monotonic(): number {
    return performance.now() + this.#offset
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const due = this.monotonic() + ms
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      let timer: NodeJS.Timeout | undefined
      const finish = (end: () => void) => {
        clearTimeout(timer)
        this.#looks.delete(look)
        signal?.removeEventListener('abort', stop)
        end()
      }
      const stop = () => finish(() => reject(signal?.reason))
      const look = () => {
        clearTimeout(timer)
        const left = due - this.monotonic()
        if (left <= 0) finish(resolve)
        else timer = setTimeout(look, Math.min(left, 2_000_000_000))
      }
      this.#looks.add(look)
      signal?.addEventListener('abort', stop, { once: true })
      look()
    })
  }

  /** Puts the time forward by milliseconds. */
  advance(ms: number): void {
    this.#offset += ms
    for (const look of [...this.#looks]) look()
  }
}
