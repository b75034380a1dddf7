import { SluiceError } from '../../base/errors/index.ts'

/** One signal out of a caller's signal and a time limit; it leaves nothing behind once ended. */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #outer: AbortSignal | undefined
  readonly #onAbort = () => this.#controller.abort(this.#outer?.reason)
  readonly #endsAt: number
  #expired = false

  /** Starts counting: `ms` milliseconds, or until `outer` is aborted. */
  constructor(ms: number, outer?: AbortSignal) {
    this.#endsAt = performance.now() + ms
    this.#outer = outer
    this.#timer = setTimeout(() => {
      this.#expired = true
      this.#controller.abort()
    }, ms)
    if (outer?.aborted) this.#onAbort()
    else outer?.addEventListener('abort', this.#onAbort, { once: true })
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
    this.#outer?.removeEventListener('abort', this.#onAbort)
  }
}

/** The error of a call that its caller gave up. */
export function abortedError(signal: AbortSignal | undefined): SluiceError {
  const reason: unknown = signal?.reason
  return reason instanceof SluiceError ? reason : new SluiceError('E_ABORTED', { cause: reason })
}
