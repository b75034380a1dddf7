/** Runs work one after another for each key; different keys run side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>()

  /** Runs `work` when everything that was queued under `key` before has ended. Rejects with the signal's reason while waiting. */
  async run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const mine = before.then(async () => {
      signal?.throwIfAborted()
      return work()
    })
    const tail = mine.catch(() => {})
    this.#tails.set(key, tail)
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    })
    if (!signal) return mine
    return new Promise<T>((resolve, reject) => {
      const leave = () => reject(signal.reason)
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave, { once: true })
      mine.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
    })
  }
}
