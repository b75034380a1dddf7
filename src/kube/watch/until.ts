import type { Informer } from './types.ts'

export interface UntilOptions {
  readonly signal: AbortSignal
  /** Milliseconds until `onTimeout` says why nothing came of it. */
  readonly timeoutMs: number
  readonly onTimeout: () => Error
}

/** Asks to be called again after some milliseconds, also when nothing changes. */
export type LookAgain = (ms: number) => void

/**
 * Looks now and at each change of the collections, until `look` gives something or throws. Nothing is polled.
 * Rejects with what `look` throws, with `onTimeout()`, or with the signal's reason.
 */
export async function until<T>(
  informers: readonly Informer[],
  look: (again: LookAgain) => T | undefined,
  options: UntilOptions,
): Promise<T> {
  const { signal } = options
  signal.throwIfAborted()
  return await new Promise<T>((resolve, reject) => {
    const timers = new Set<NodeJS.Timeout>()
    const after = (ms: number, work: () => void) => timers.add(setTimeout(work, ms))
    const end = (settle: () => void) => {
      for (const timer of timers) clearTimeout(timer)
      for (const off of subscriptions) off()
      signal.removeEventListener('abort', stop)
      settle()
    }
    const stop = () => end(() => reject(signal.reason))
    const check = () => {
      try {
        const found = look(ms => after(ms, check))
        if (found !== undefined) end(() => resolve(found))
      } catch (error) {
        end(() => reject(error))
      }
    }
    const subscriptions = informers.map(informer => informer.subscribe(check))
    signal.addEventListener('abort', stop, { once: true })
    after(options.timeoutMs, () => end(() => reject(options.onTimeout())))
    check()
  })
}
