import { onAbort } from './abort.ts'

/** One signal out of a caller's signal and a time limit; it leaves nothing behind once ended. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #ignoreOuter: () => void
  readonly #endsAt: number
  #expired = false

  /** Starts counting: `ms` milliseconds, or until `outer` is aborted. */
  constructor(ms: number, outer?: AbortSignal) {
    this.#endsAt = performance.now() + ms
    this.#timer = setTimeout(() => {
      this.#expired = true
      this.#controller.abort()
    }, ms)
    this.#ignoreOuter = outer ? onAbort(outer, () => this.#controller.abort(outer.reason)) : () => {}
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Whether the time limit, and not the caller, ended it. */
  get expired(): boolean {
    return this.#expired
  }

  /** Milliseconds left. */
  get left(): number {
    return this.#endsAt - performance.now()
  }

  /** Lets go of the timer and the caller's signal. */
  end(): void {
    clearTimeout(this.#timer)
    this.#ignoreOuter()
  }
}
