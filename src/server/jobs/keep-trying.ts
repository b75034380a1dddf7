import type { Clock } from '../../base/clock.ts'

const waitsMs = [1000, 5000, 15_000, 60_000, 300_000]

/**
 * Writes down what must not be lost, although the database is away for some minutes: without its end a job would seem to run for
 * ever. Fails with the last failure, at once when the signal is aborted: the next start says then that the server ended.
 */
export async function keepTrying(
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  write: () => Promise<unknown>,
): Promise<void> {
  for (const ms of waitsMs) {
    try {
      await write()
      return
    } catch (error) {
      if (signal.aborted) throw error
    }
    await clock.sleep(ms, signal).catch(() => {})
  }
  await write()
}
