import { correctDrift } from './actions/correct-drift.ts'
import { install, upgrade } from './actions/release.ts'
import { rollback } from './actions/rollback.ts'
import { testRelease } from './actions/test-release.ts'
import { uninstallRemediation } from './actions/uninstall.ts'
import { unlock } from './actions/unlock.ts'
import { type Attempt, terminal, type Wanted } from './attempt.ts'
import { summaryOf } from './drift/detect.ts'
import type { ApplyMethod } from './helm/arguments.ts'
import { chartOf, fullName, previousOf, snapshotOf, truncated } from './history.ts'
import {
  type ActionName,
  activeRemediation,
  failuresOf,
  remediationOf,
  retriesExhausted,
  retryIntervalOf,
} from './settings.ts'
import type { ReleaseState } from './state.ts'
import { newestRevision, readRelease } from './storage/read.ts'

/** One step towards what is wanted. */
export interface Action {
  /** As conditions and logs call it. */
  readonly name: string
  readonly type: 'release' | 'remediate' | 'test' | 'unlock' | 'drift correction'
  /** Whose timeout it has; `spec.timeout` when absent. */
  readonly timeout?: ActionName
  readonly run: () => Promise<void>
}

/** What follows from how a release stands; undefined when nothing does (Flux: AtomicRelease.actionForState). */
export async function nextAction(attempt: Attempt, wanted: Wanted, state: ReleaseState): Promise<Action | undefined> {
  const { object, forced } = attempt
  switch (state.kind) {
    case 'InSync':
      settle(attempt)
      return forced ? upgradeAction(attempt, wanted) : undefined
    case 'Locked':
      return { name: 'unlock', type: 'unlock', run: () => unlock(attempt, wanted, state.release) }
    case 'Absent':
      if (!forced) refuseExhausted(attempt, 'install')
      return { name: 'install', type: 'release', timeout: 'install', run: () => install(attempt, wanted) }
    case 'Unmanaged':
      attempt.history = []
      return upgradeAction(attempt, wanted)
    case 'OutOfSync':
      if (!forced) refuseExhausted(attempt, 'upgrade')
      return upgradeAction(attempt, wanted)
    case 'Untested':
      replaceRemediated(attempt)
      return { name: 'test', type: 'test', timeout: 'test', run: () => testRelease(attempt, wanted) }
    case 'Drifted': {
      const { latest, conditions } = attempt
      const message = `Cluster state of release ${fullName(latest!)} has drifted from the desired state:\n${summaryOf(state.drifts)}`
      conditions.set('Drifted', 'True', 'DriftDetected', message)
      attempt.emit('error', 'DriftDetected', message, latest)
      if (object.spec.driftDetection?.mode !== 'enabled') return undefined
      return {
        name: 'correct cluster drift',
        type: 'drift correction',
        run: () => correctDrift(attempt, wanted, state.drifts),
      }
    }
    case 'Failed':
      return afterFailure(attempt, wanted)
  }
}

/** What follows a failed release: trying again, or remediation as far as there are retries. */
async function afterFailure(attempt: Attempt, wanted: Wanted): Promise<Action> {
  const { object } = attempt
  const remediation = activeRemediation(object)
  const retries = remediation && retryIntervalOf(object, remediation.action) !== undefined
  // Without a failure so far something has changed since: what failed before may succeed now.
  if (remediation === undefined || retries || attempt.forced || failuresOf(object, remediation.action) <= 0) {
    return upgradeAction(attempt, wanted)
  }
  if (!remediation.remediateLastFailure) refuseExhausted(attempt, remediation.action)
  attempt.history = truncated(attempt.history, remediation.ignoreTestFailures)
  if (remediation.strategy === 'uninstall') {
    return {
      name: 'uninstall',
      type: 'remediate',
      timeout: 'uninstall',
      run: () => uninstallRemediation(attempt, wanted.client),
    }
  }
  const previous = previousOf(attempt.history, remediation.ignoreTestFailures)
  if (previous === undefined) {
    throw terminal(
      'MissingRollbackTarget',
      'Failed to perform remediation: missing target release for rollback: cannot remediate failed release',
    )
  }
  const { signal } = attempt.work
  const target = await readRelease(attempt.storage(wanted.client), previous.version, signal)
  // A target that is gone or was changed is none: the upgrade is tried again instead.
  if (target === undefined || snapshotOf(target.release, previous.ociDigest).digest !== previous.digest) {
    return upgradeAction(attempt, wanted)
  }
  const before = applyMethodOf(target.release.raw)
  return {
    name: 'rollback',
    type: 'remediate',
    timeout: 'rollback',
    run: () => rollback(attempt, wanted, before),
  }
}

function upgradeAction(attempt: Attempt, wanted: Wanted): Action {
  const run = async (): Promise<void> => {
    const storage = attempt.storage(wanted.client)
    const newest = await newestRevision(storage, attempt.work.signal)
    const last = newest && (await readRelease(storage, newest.version, attempt.work.signal))
    await upgrade(attempt, wanted, last === undefined ? 'ssa' : applyMethodOf(last.release.raw))
  }
  return { name: 'upgrade', type: 'release', timeout: 'upgrade', run }
}

/** How helm applied a revision; those of helm 3 say nothing and were merged on the client's side. */
export function applyMethodOf(raw: ReadonlyMap<string, string>): ApplyMethod {
  return raw.get('apply_method') === '"ssa"' ? 'ssa' : 'csa'
}

/** Ends the attempt when an action was tried as often as it may be. */
function refuseExhausted({ object }: Attempt, action: 'install' | 'upgrade'): void {
  if (retryIntervalOf(object, action) !== undefined) return
  if (retriesExhausted(object, remediationOf(object.spec, action))) throw retriesExceeded(object)
}

export function retriesExceeded(object: Attempt['object']): Error {
  const action = object.status?.lastAttemptedReleaseAction === 'upgrade' ? 'upgrade' : 'install'
  return terminal('RetriesExceeded', `Failed to ${action} after ${failuresOf(object, action)} attempt(s)`)
}

/** Nothing is to be done: the history goes back to the last good revision only. */
function settle(attempt: Attempt): void {
  const { object, conditions } = attempt
  const remediation = activeRemediation(object)
  attempt.history = truncated(
    attempt.history,
    remediation?.ignoreTestFailures ?? object.spec.test?.ignoreFailures ?? false,
  )
  if (object.spec.driftDetection?.mode === 'enabled' || object.spec.driftDetection?.mode === 'warn') {
    conditions.set('Drifted', 'False', 'NoDriftDetected', 'No drift detected')
  } else conditions.remove('Drifted')
  replaceRemediated(attempt)
}

/** What a rollback brought back is what is wanted now: as good as upgraded to. */
function replaceRemediated({ conditions, latest }: Attempt): void {
  if (!conditions.isTrue('Remediated') || latest === undefined) return
  conditions.remove('Remediated')
  const message = `Helm upgrade succeeded for release ${fullName(latest)} with chart ${chartOf(latest)}`
  conditions.set('Released', 'True', 'UpgradeSucceeded', message)
}
