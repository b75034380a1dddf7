import type { Clock } from './clock.ts'

/** The reason of what was called off. One for all: `abort()` without one makes an error with a stack each time, which costs more than the alarm. */
export const calledOff = new DOMException('the alarm was called off', 'AbortError')

/** Calls `ring` after so many milliseconds, unless the function that comes back was called before. */
export function alarm(clock: Clock, ms: number, ring: () => void): () => void {
  const stop = new AbortController()
  clock.sleep(ms, stop.signal).then(
    () => {
      if (!stop.signal.aborted) ring()
    },
    () => undefined,
  )
  return () => stop.abort(calledOff)
}
