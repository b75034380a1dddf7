import { type BackoffOptions, backoffDelay } from '../../base/backoff.ts'
import { systemClock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { ChangeRequest } from '../change-request.ts'
import type { Change } from './types.ts'

/** How often a request that is followed is looked at. */
export const usualPoll: BackoffOptions = { baseMs: 2000, maxMs: 30_000, factor: 1.5, jitter: 0.2 }

/** A host that is away for so many tries in a row (ten minutes, with the usual waits) is not waited for any longer. */
const mostAway = 20

/** GitHub counts requests by the hour: the rest that it asks for is no longer, but for a clock that differs. */
const longestRestMs = 65 * 60_000

/**
 * Does a piece of work that may be repeated, for somebody who has waited for a review: a host that is away for a while
 * does not end the wait. What does not pass by itself is thrown at once.
 */
export async function patiently<T>(change: Change, request: ChangeRequest, work: () => Promise<T>): Promise<T> {
  const { signal, clock = systemClock, poll = usualPoll } = change
  for (let tries = 1; ; tries++) {
    try {
      const done = await work()
      if (tries > 1) change.onReview?.({ type: 'host-back', request })
      return done
    } catch (error) {
      signal?.throwIfAborted()
      if (!isPassing(error) || tries >= mostAway) throw error
      if (tries === 1) change.onReview?.({ type: 'host-away', request, why: error.message })
      await clock.sleep(Math.max(backoffDelay(tries, poll), askedMs(error) ?? 0), signal)
    }
  }
}

/** Whether a failure says that the host is away, or asks for a rest; that it asks to wait for hours is an answer. */
function isPassing(error: unknown): error is SluiceError {
  if (!(error instanceof SluiceError)) return false
  // It answered as what it is before: this is the page of a gateway or of its maintenance.
  if (error.code === 'E_FORGE_NOT_A_FORGE') return true
  // What is merged is not undone because there is no room to look at it.
  if (error.code === 'E_GIT_DISK_FULL' || error.code === 'E_FILE_WRITE') return true
  if (!error.retryable) return false
  if (error.code === 'E_FORGE_RATE_LIMITED') return (askedMs(error) ?? Number.POSITIVE_INFINITY) <= longestRestMs
  return error.code !== 'E_FORGE_REQUEST_OPEN'
}

/** How long the host asks to wait, in milliseconds. */
function askedMs({ facts }: SluiceError): number | undefined {
  const asked = facts.details?.['waitMs']
  return typeof asked === 'number' ? asked : undefined
}
