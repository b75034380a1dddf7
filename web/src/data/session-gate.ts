/** Where requests wait whose session has ended, until the person has signed in again over the page. */
export class SessionGate {
  #waiting: PromiseWithResolversOf | undefined
  readonly #listeners = new Set<() => void>()

  /** Whether the dialog that asks to sign in again is to be shown. */
  get ended(): boolean {
    return this.#waiting !== undefined
  }

  /** Resolves when the person has signed in again. @throws the signal's reason when aborted before. */
  async renewed(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#waiting === undefined) {
      this.#waiting = withResolvers()
      this.#tell()
    }
    const { promise } = this.#waiting
    if (signal === undefined) return promise
    await new Promise<void>((resolve, reject) => {
      const stop = (): void => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      promise.then(resolve).finally(() => signal.removeEventListener('abort', stop))
    })
  }

  /** Lets the waiting requests go on. */
  open(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve()
    this.#tell()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

interface PromiseWithResolversOf {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolvers(): PromiseWithResolversOf {
  let resolve = (): void => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve }
}

export const sessionGate = new SessionGate()
