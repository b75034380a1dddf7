import { setMaxListeners } from 'node:events'
import { SluiceError } from '../../base/errors/index.ts'

/**
 * Calls a listener when a signal is aborted, at once if it is already; returns the function that ends it. One signal may
 * serve any number of calls, so Node's warning about many listeners is switched off for it.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener()
    return () => {}
  }
  setMaxListeners(0, signal)
  signal.addEventListener('abort', listener, { once: true })
  return () => signal.removeEventListener('abort', listener)
}

/** The error of work that its caller gave up: the signal's reason when that is a SluiceError. */
export function abortedError(signal: AbortSignal | undefined, object?: string): SluiceError {
  const reason: unknown = signal?.reason
  if (reason instanceof SluiceError) return reason
  return new SluiceError('E_ABORTED', { cause: reason, ...(object === undefined ? {} : { object }) })
}

/** A promise that one of several waiters may give up waiting for, while the work behind it goes on. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined, object?: string): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const ignore = onAbort(signal, () => reject(abortedError(signal, object)))
    promise.then(resolve, reject).finally(ignore)
  })
}
