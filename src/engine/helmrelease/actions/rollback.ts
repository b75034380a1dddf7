import { StepFailure } from '../../failure.ts'
import { type Attempt, terminal, type Wanted } from '../attempt.ts'
import { type ApplyMethod, rollbackArguments } from '../helm/arguments.ts'
import { chartOf, fullName, previousOf } from '../history.ts'
import { releaseNameOf, remediationOf } from '../settings.ts'
import { summarize } from '../summarize.ts'
import { runAction, withLog } from './run-action.ts'

/** Rolls a failed upgrade back to the last good revision of the history. */
export async function rollback(attempt: Attempt, wanted: Wanted, before: ApplyMethod): Promise<void> {
  const { object, conditions } = attempt
  const { ignoreTestFailures } = remediationOf(object.spec, 'upgrade')
  const previous = previousOf(attempt.history, ignoreTestFailures)
  if (previous === undefined) {
    throw terminal(
      'MissingRollbackTarget',
      'Failed to perform remediation: missing target release for rollback: required to rollback',
    )
  }
  const result = await runAction(attempt, {
    name: 'rollback',
    args: rollbackArguments(object, releaseNameOf(object), previous.version, before),
    client: wanted.client,
    storageNamespace: attempt.status.storageNamespace ?? '',
    recordAs: 'rollback',
  })
  const what = `Helm rollback to previous release ${fullName(previous)} with chart ${chartOf(previous)}`
  const about = { ...previous, configDigest: wanted.config }
  if (result.error === undefined) {
    conditions.set('Remediated', 'True', 'RollbackSucceeded', `${what} succeeded`)
    attempt.emit('info', 'RollbackSucceeded', `${what} succeeded`, about)
    return summarize(attempt)
  }
  const message = `${what} failed: ${result.error}`
  attempt.countFailure()
  conditions.set('Remediated', 'False', 'RollbackFailed', message)
  attempt.emit('error', 'RollbackFailed', withLog(message, result.log), about)
  summarize(attempt)
  if (result.stored.length === 0) throw new StepFailure('RollbackFailed', message)
}
