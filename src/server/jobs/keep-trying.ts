import type { Clock } from '../../base/clock.ts'

const waitsMs = [1000, 2000, 5000, 15_000]

/**
 * Writes down what must not be lost, however long the database is away or has no room: without its end a job would seem to run
 * for ever. Fails with the last failure when the signal is aborted: the next start says then that the server ended.
 */
export async function keepTrying(
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  write: () => Promise<unknown>,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await write()
      return
    } catch (error) {
      if (signal.aborted) throw error
    }
    await clock.sleep(waitsMs[Math.min(tries, waitsMs.length - 1)]!, signal).catch(() => {})
  }
}
