import { messageOf, StepFailure } from '../../failure.ts'
import type { Attempt, Wanted } from '../attempt.ts'
import { chartOf, fullName, snapshotOf } from '../history.ts'
import type { StoredRelease } from '../storage/release.ts'
import { setReleaseStatus } from '../storage/set-status.ts'
import { summarize } from '../summarize.ts'
import { record } from './run-action.ts'

/**
 * Ends a revision that a killed run of helm left pending: it counts as failed from now on, and what follows a failure
 * follows. Nobody else works on the release, because one engine leads and holds its key.
 */
export async function unlock(attempt: Attempt, { client }: Wanted, pending: StoredRelease): Promise<void> {
  const { conditions, work } = attempt
  const known = attempt.history.find(({ version }) => version === pending.version)
  const snapshot = snapshotOf(pending, known?.ociDigest)
  const what = `release ${fullName(snapshot)} with chart ${chartOf(snapshot)} in ${pending.status} state`
  attempt.memory.observed = undefined
  try {
    const description = `Release unlocked from stale '${pending.status}' state`
    const failed = await setReleaseStatus(attempt.storage(client), pending.version, 'failed', description, work.signal)
    if (failed !== undefined) record(attempt, [failed], attempt.status.lastAttemptedReleaseAction ?? 'install')
  } catch (error) {
    const message = `Unlock of Helm ${what} failed: ${messageOf(error)}`
    attempt.countFailure()
    conditions.set('Released', 'False', 'PendingRelease', message)
    attempt.emit('error', 'PendingRelease', message, snapshot)
    summarize(attempt)
    throw new StepFailure('PendingRelease', message, { transient: true })
  }
  conditions.set('Released', 'False', 'PendingRelease', `Unlocked Helm ${what}`)
  attempt.emit('info', 'PendingRelease', `Unlocked Helm ${what}`, snapshot)
  summarize(attempt)
}
