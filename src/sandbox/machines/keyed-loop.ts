/**
 * Runs one piece of work for each key, never two at once for the same key; a key that is asked for while its work runs
 * runs once more afterwards. Work that fails is tried again after a pause.
 */
export class KeyedLoop {
  readonly #work: (key: string) => Promise<void>
  readonly #onError: (key: string, error: unknown) => void
  readonly #running = new Map<string, 'once' | 'again'>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #stopped = false

  constructor(work: (key: string) => Promise<void>, onError: (key: string, error: unknown) => void) {
    this.#work = work
    this.#onError = onError
  }

  ask(key: string): void {
    if (this.#stopped) return
    if (this.#running.has(key)) this.#running.set(key, 'again')
    else void this.#run(key)
  }

  /** Asks for a key after some milliseconds. */
  askLater(key: string, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.ask(key)
    }, ms)
    this.#timers.add(timer)
  }

  /** Takes no more work and resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearTimeout(timer)
    while (this.#running.size > 0) await new Promise(resolve => setTimeout(resolve, 5))
  }

  async #run(key: string): Promise<void> {
    this.#running.set(key, 'once')
    try {
      await this.#work(key)
    } catch (error) {
      if (!this.#stopped) {
        this.#onError(key, error)
        this.askLater(key, 500)
      }
    }
    const again = this.#running.get(key) === 'again'
    this.#running.delete(key)
    if (again) this.ask(key)
  }
}
