import type { Clock } from '../../base/clock.ts'

/** Whether a promise settled in time. Its rejection passes through; when time is up the promise goes on unwatched. */
export async function settledWithin(promise: Promise<unknown>, ms: number, clock: Clock): Promise<boolean> {
  const stop = new AbortController()
  const timeUp = clock.sleep(ms, stop.signal).then(
    () => false,
    () => true,
  )
  try {
    return await Promise.race([promise.then(() => true), timeUp])
  } finally {
    stop.abort()
  }
}
