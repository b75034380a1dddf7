import { backoffDelay } from '../../base/backoff.ts'
import { type Clock, systemClock } from '../../base/clock.ts'

/** What a keyed loop needs from outside; the defaults are the real ones. */
export interface KeyedLoopOptions {
  readonly clock?: Clock
  /** The wait after the first failure of a key in milliseconds; it doubles up to 10 s. 500 when absent. */
  readonly retryMs?: number
}

/**
 * Runs one piece of work for each key, never two at once for the same key; a key that is asked for while its work runs
 * runs once more afterwards. Work that fails is tried again after a pause that grows.
 */
export class KeyedLoop {
  readonly #work: (key: string) => Promise<void>
  readonly #onError: (key: string, error: unknown) => void
  readonly #clock: Clock
  readonly #retryMs: number
  readonly #running = new Map<string, 'once' | 'again'>()
  readonly #alarms = new Map<string, { readonly at: number; readonly end: AbortController }>()
  readonly #failures = new Map<string, number>()
  #stopped = false
  #idle: (() => void) | undefined

  constructor(
    work: (key: string) => Promise<void>,
    onError: (key: string, error: unknown) => void,
    options: KeyedLoopOptions = {},
  ) {
    this.#work = work
    this.#onError = onError
    this.#clock = options.clock ?? systemClock
    this.#retryMs = options.retryMs ?? 500
  }

  ask(key: string): void {
    if (this.#stopped) return
    if (this.#running.has(key)) this.#running.set(key, 'again')
    else void this.#run(key)
  }

  /** Asks for a key after some milliseconds. Of several such wishes for one key the earliest counts: work looks afresh. */
  askLater(key: string, ms: number): void {
    if (this.#stopped) return
    const at = this.#clock.monotonic() + ms
    const pending = this.#alarms.get(key)
    if (pending && pending.at <= at) return
    pending?.end.abort()
    const end = new AbortController()
    this.#alarms.set(key, { at, end })
    // Longer than a timer can hold: woken early, work asks again.
    this.#clock.sleep(Math.min(ms, 2_000_000_000), end.signal).then(
      () => {
        this.#alarms.delete(key)
        this.ask(key)
      },
      () => undefined,
    )
  }

  /** Takes no more work and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { end } of this.#alarms.values()) end.abort()
    this.#alarms.clear()
    if (this.#running.size > 0) await new Promise<void>(resolve => (this.#idle = resolve))
  }

  async #run(key: string): Promise<void> {
    this.#running.set(key, 'once')
    try {
      // Who asks is often the listener of an event that other listeners have not been told yet: caches come first.
      await Promise.resolve()
      if (!this.#stopped) await this.#work(key)
      this.#failures.delete(key)
    } catch (error) {
      if (!this.#stopped) {
        const failures = (this.#failures.get(key) ?? 0) + 1
        this.#failures.set(key, failures)
        this.#onError(key, error)
        this.askLater(key, backoffDelay(failures, { baseMs: this.#retryMs, maxMs: 10_000 }))
      }
    }
    const again = this.#running.get(key) === 'again'
    this.#running.delete(key)
    if (again) this.ask(key)
    if (this.#stopped && this.#running.size === 0) this.#idle?.()
  }
}
