import { formatDuration } from '../../../base/duration.ts'
import { StepFailure } from '../../failure.ts'
import type { Attempt, Wanted } from '../attempt.ts'
import { applyCrds } from '../chart/crds.ts'
import { healthError } from '../health.ts'
import { type ApplyMethod, installArguments, upgradeArguments } from '../helm/arguments.ts'
import { chartOf, fullName } from '../history.ts'
import { postRender } from '../post-render.ts'
import { renderingOf } from '../rendering.ts'
import { releaseNameOf, releaseNamespaceOf, retryIntervalOf } from '../settings.ts'
import { summarize } from '../summarize.ts'
import { type ActionResult, record, runAction, withChart, withLog } from './run-action.ts'

/** Installs the release: the start of a new history, so that nothing before it is ever rolled back to. */
export async function install(attempt: Attempt, wanted: Wanted): Promise<void> {
  attempt.history = []
  await release(attempt, wanted, 'install', (name, chart) => installArguments(attempt.object, name, chart))
}

/** Upgrades the release. `before` is how the last one was applied. */
export async function upgrade(attempt: Attempt, wanted: Wanted, before: ApplyMethod): Promise<void> {
  await release(attempt, wanted, 'upgrade', (name, chart) => upgradeArguments(attempt.object, name, chart, before))
}

/**
 * Makes a revision. A failure counts when helm has stored something, because only then there is something to remediate;
 * without that it is thrown, to be tried again.
 */
async function release(
  attempt: Attempt,
  wanted: Wanted,
  action: 'install' | 'upgrade',
  argumentsFor: (name: string, chart: string) => string[],
): Promise<void> {
  const { status, conditions, object, context } = attempt
  status.lastAttemptedReleaseAction = action
  conditions.remove('TestSuccess', 'Remediated')
  const started = context.engine.clock.monotonic()
  const result = await perform(attempt, wanted, action, argumentsFor)
  status.lastAttemptedReleaseActionDuration = formatDuration(Math.round(context.engine.clock.monotonic() - started))
  if (result.error === undefined) succeed(attempt, action)
  else {
    fail(attempt, wanted, action, result.error, result.log)
    if (result.stored.length === 0) {
      summarize(attempt)
      throw new StepFailure(conditions.get('Ready')?.reason ?? 'ReconcileError', conditions.get('Ready')?.message ?? '')
    }
    attempt.countFailure(action)
  }
  if (result.error === undefined) Object.assign(status, renderingOf(object))
  summarize(attempt)
}

async function perform(
  attempt: Attempt,
  wanted: Wanted,
  action: 'install' | 'upgrade',
  argumentsFor: (name: string, chart: string) => string[],
): Promise<ActionResult> {
  const { object } = attempt
  const options = object.spec[action]
  try {
    await applyCrds(attempt, wanted, options?.crds ?? (object.spec.install?.skipCRDs ? 'Skip' : 'Create'))
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { error: `failed to apply CustomResourceDefinitions: ${message}`, stdout: '', log: [], stored: [] }
  }
  const result = await withChart(attempt, wanted, chart =>
    runAction(attempt, {
      name: action,
      args: argumentsFor(releaseNameOf(object), chart),
      client: wanted.client,
      storageNamespace: attempt.status.storageNamespace ?? '',
      values: wanted.values,
      ...(options?.crds === 'Skip' ? {} : { crds: wanted.chart.crds }),
      postRender: rendered => postRender(object, rendered),
      recordAs: action,
    }),
  )
  if (result.error !== undefined || options?.disableWait) return result
  const unhealthy = await healthError(attempt, wanted, action, result.stored)
  if (unhealthy === undefined) return result
  record(attempt, [unhealthy.release], action)
  return { ...result, error: unhealthy.message }
}

function fail(
  attempt: Attempt,
  { chart, config }: Wanted,
  action: 'install' | 'upgrade',
  error: string,
  log: readonly string[],
): void {
  const { object, conditions } = attempt
  const name = `${releaseNamespaceOf(object)}/${releaseNameOf(object)}`
  const message = `Helm ${action} failed for release ${name} with chart ${chart.name}@${chart.version}: ${error}`
  const reason = action === 'install' ? 'InstallFailed' : 'UpgradeFailed'
  attempt.countFailure()
  conditions.set('Released', 'False', reason, message)
  attempt.emit('error', reason, withLog(message, log), {
    chartVersion: chart.version,
    configDigest: config,
    appVersion: chart.appVersion,
    ociDigest: chart.ociDigest ?? '',
  })
}

function succeed(attempt: Attempt, action: 'install' | 'upgrade'): void {
  const { conditions, object, latest } = attempt
  if (latest === undefined) throw new StepFailure('StateError', 'helm stored no release although it succeeded')
  const what = `release ${fullName(latest)} with chart ${chartOf(latest)}`
  const message = `Helm ${action} succeeded for ${what}`
  const reason = action === 'install' ? 'InstallSucceeded' : 'UpgradeSucceeded'
  conditions.set('Released', 'True', reason, message)
  if (object.spec.test?.enable && latest.testHooks === undefined) {
    conditions.set('TestSuccess', 'Unknown', 'AwaitingTests', `Helm ${what} is awaiting tests`)
  }
  if (retryIntervalOf(object, action) !== undefined) attempt.clearFailures()
  attempt.emit('info', reason, message, latest)
}
