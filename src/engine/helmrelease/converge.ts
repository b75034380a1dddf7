import { formatDuration } from '../../base/duration.ts'
import { StepFailure } from '../failure.ts'
import type { Attempt, Wanted } from './attempt.ts'
import { type Action, nextAction, retriesExceeded } from './next-action.ts'
import { activeRemediation, retriesExhausted, retryIntervalOf, timeoutOf } from './settings.ts'
import { stateOf } from './state.ts'
import { summarize } from './summarize.ts'

/** How an attempt ended that did not fail. */
export type Converged =
  | { readonly kind: 'done' }
  /** Go on at once, in another attempt. */
  | { readonly kind: 'again' }
  /** Try again after this time. */
  | { readonly kind: 'later'; readonly afterMs: number }

/**
 * Takes one action after the other until none is left: each type once, and none after a remediation, so that a release
 * that fails and is put right is looked at anew (Flux: AtomicRelease with cleanReleaseStrategy).
 */
export async function converge(attempt: Attempt, wanted: Wanted): Promise<Converged> {
  const { conditions, object, work } = attempt
  const done = new Set<Action['type']>()
  for (;;) {
    work.closing.throwIfAborted()
    const state = await stateOf(attempt, wanted)
    const action = await nextAction(attempt, wanted, state)
    if (action === undefined || (done.has(action.type) && action.type === 'drift correction')) {
      conditions.remove('Reconciling')
      summarize(attempt)
      return { kind: 'done' }
    }
    // A request to force is one release, not one for each look at it.
    if (done.has(action.type) && state.kind === 'InSync') {
      conditions.remove('Reconciling')
      summarize(attempt)
      return { kind: 'done' }
    }
    if (done.has(action.type)) return stopBefore(attempt)
    const timeout = formatDuration(timeoutOf(object, action.timeout))
    const message = `Running '${action.name}' action with timeout of ${timeout}`
    conditions.set('Reconciling', 'True', 'Progressing', message)
    conditions.remove('Stalled')
    if (action.type === 'release') conditions.set('Ready', 'Unknown', 'Progressing', message)
    await attempt.write()
    await action.run()
    if (action.type === 'remediate') return stopAfterRemediation(attempt)
    done.add(action.type)
    await attempt.write()
  }
}

/** An action would be taken a second time: that is for the next attempt, as far as there are retries. */
function stopBefore(attempt: Attempt): Converged {
  const { conditions, object } = attempt
  const action = object.status?.lastAttemptedReleaseAction as 'install' | 'upgrade' | undefined
  const afterMs = retryIntervalOf(object, action)
  const remediation = activeRemediation(object)
  if (afterMs === undefined && remediation !== undefined && retriesExhausted(object, remediation)) {
    conditions.remove('Reconciling')
    return { kind: 'done' }
  }
  conditions.set('Reconciling', 'True', 'ProgressingWithRetry', conditions.get('Ready')?.message ?? '')
  return afterMs === undefined ? { kind: 'again' } : { kind: 'later', afterMs }
}

function stopAfterRemediation(attempt: Attempt): Converged {
  const { conditions, object } = attempt
  const remediation = activeRemediation(object)
  if (remediation !== undefined && retriesExhausted(object, remediation)) throw retriesExceeded(object)
  conditions.set('Reconciling', 'True', 'ProgressingWithRetry', conditions.get('Ready')?.message ?? '')
  return { kind: 'again' }
}

/** Whether a failure only says that nothing more is tried. */
export function isTerminal(error: unknown): boolean {
  return error instanceof StepFailure && error.options.stalled === true
}
