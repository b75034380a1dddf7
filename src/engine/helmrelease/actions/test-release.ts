import { StepFailure } from '../../failure.ts'
import type { Attempt, Wanted } from '../attempt.ts'
import { testArguments } from '../helm/arguments.ts'
import { chartOf, fullName, snapshotOf, targets, testHooksOf } from '../history.ts'
import { activeRemediation, releaseNameOf } from '../settings.ts'
import { readRelease } from '../storage/read.ts'
import { summarize } from '../summarize.ts'
import { runAction } from './run-action.ts'

/** Runs the tests of the release and notes how each ended. */
export async function testRelease(attempt: Attempt, { client }: Wanted): Promise<void> {
  const { conditions, object, latest, work } = attempt
  if (latest === undefined) throw new StepFailure('ReconcileError', 'no latest release: required for test')
  const result = await runAction(attempt, {
    name: 'test',
    args: testArguments(object, releaseNameOf(object)),
    client,
    storageNamespace: attempt.status.storageNamespace ?? '',
    recordAs: latest.action ?? 'install',
  })
  const tested = result.stored.find(release => targets(latest, release))
  // A chart without tests stores nothing; that it was tested is noted all the same.
  const release =
    tested ??
    (result.error === undefined
      ? (await readRelease(attempt.storage(client), latest.version, work.signal))?.release
      : undefined)
  if (release !== undefined) {
    const snapshot = { ...snapshotOf(release, latest.ociDigest, latest.action), testHooks: testHooksOf(release) }
    attempt.history = attempt.history.map(one => (targets(one, release) ? snapshot : one))
  }
  const what = `for release ${fullName(latest)} with chart ${chartOf(latest)}`
  if (result.error === undefined) {
    const count = Object.keys(attempt.latest?.testHooks ?? {}).length
    const hooks = count === 0 ? 'no test hooks' : `${count} test hook${count > 1 ? 's' : ''} completed successfully`
    const message = `Helm test succeeded ${what}: ${hooks}`
    conditions.set('TestSuccess', 'True', 'TestSucceeded', message)
    attempt.emit('info', 'TestSucceeded', message, latest)
    return summarize(attempt)
  }
  const message = `Helm test failed ${what}: ${result.error}`
  attempt.countFailure()
  conditions.set('TestSuccess', 'False', 'TestFailed', message)
  attempt.emit('error', 'TestFailed', message, latest)
  const remediation = activeRemediation(object)
  if (release !== undefined && remediation !== undefined && !remediation.ignoreTestFailures) {
    attempt.countFailure(remediation.action)
  }
  summarize(attempt)
  if (release === undefined) throw new StepFailure('TestFailed', message)
}
