import type { KubeClient } from '../../../kube/client/types.ts'
import { StepFailure } from '../../failure.ts'
import type { Attempt } from '../attempt.ts'
import { uninstallArguments } from '../helm/arguments.ts'
import { chartOf, fullName, type Snapshot } from '../history.ts'
import { summarize } from '../summarize.ts'
import { type ActionResult, runAction, withLog } from './run-action.ts'

/** Uninstalls what the history says is released: on deletion, or because the release goes elsewhere. */
export async function uninstall(attempt: Attempt, client: KubeClient): Promise<void> {
  const { conditions, object, latest } = attempt
  if (latest === undefined) return
  const result = await run(attempt, client, latest)
  const settled = (message: string) => {
    conditions.set('Released', 'False', 'UninstallSucceeded', message)
    summarize(attempt)
  }
  const { error } = result
  if (error !== undefined && /release: not found/.test(error)) {
    return settled(`Release ${fullName(latest)} was not found, assuming it is uninstalled`)
  }
  if (error !== undefined && object.spec.uninstall?.keepHistory && error.includes('is already deleted')) {
    return settled(`Release ${fullName(latest)} was already uninstalled`)
  }
  const what = `for release ${fullName(latest)} with chart ${chartOf(latest)}`
  if (error === undefined) {
    settled(`Helm uninstall succeeded ${what}`)
    attempt.emit('info', 'UninstallSucceeded', `Helm uninstall succeeded ${what}`, latest)
    return
  }
  const message = `Helm uninstall failed ${what}: ${error}`
  attempt.countFailure()
  conditions.set('Released', 'False', 'UninstallFailed', message)
  attempt.emit('error', 'UninstallFailed', withLog(message, result.log), latest)
  summarize(attempt)
  throw new StepFailure('UninstallFailed', message)
}

/** Uninstalls a release that failed, to begin anew. */
export async function uninstallRemediation(attempt: Attempt, client: KubeClient): Promise<void> {
  const { conditions, latest } = attempt
  if (latest === undefined) throw new StepFailure('ReconcileError', 'no latest release: required to uninstall')
  const result = await run(attempt, client, latest)
  const what = `Helm uninstall remediation for release ${fullName(latest)} with chart ${chartOf(latest)}`
  if (result.error === undefined) {
    conditions.set('Remediated', 'True', 'UninstallSucceeded', `${what} succeeded`)
    attempt.emit('info', 'UninstallSucceeded', `${what} succeeded`, latest)
    return summarize(attempt)
  }
  const message = `${what} failed: ${result.error}`
  attempt.countFailure()
  conditions.set('Remediated', 'False', 'UninstallFailed', message)
  attempt.emit('error', 'UninstallFailed', withLog(message, result.log), latest)
  summarize(attempt)
  if (result.stored.length === 0) throw new StepFailure('UninstallFailed', message)
}

async function run(attempt: Attempt, client: KubeClient, latest: Snapshot): Promise<ActionResult> {
  const result = await runAction(attempt, {
    name: 'uninstall',
    args: uninstallArguments(attempt.object, latest.name),
    client,
    releaseNamespace: latest.namespace,
    storageNamespace: attempt.status.storageNamespace ?? '',
    recordAs: 'uninstall',
  })
  if (result.error === undefined) delete attempt.status.inventory
  return result
}
