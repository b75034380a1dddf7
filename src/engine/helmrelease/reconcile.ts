import { backoffDelay } from '../../base/backoff.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { finalizer, requestedAtAnnotation } from '../contract.ts'
import { asStepFailure, StepFailure } from '../failure.ts'
import { compileExpression, HealthRules } from '../health/expressions.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { addFinalizer } from '../status/finalizers.ts'
import { uninstall } from './actions/uninstall.ts'
import { Attempt, type Wanted } from './attempt.ts'
import { ensureHelmChart } from './chart/template.ts'
import type { HelmReleaseContext, HelmReleaseReason } from './context.ts'
import { helmManager } from './contract.ts'
import { type Converged, converge, isTerminal } from './converge.ts'
import { dependenciesOf, unreadyDependency } from './dependencies.ts'
import { finalizeHelmRelease } from './finalize.ts'
import { type Identity, identityOf } from './identity.ts'
import type { Memory } from './memory.ts'
import { intervalOf, releaseNameOf, releaseNamespaceOf, storageNamespaceOf } from './settings.ts'
import { chartSourceOf, openChartOf, requeueMs } from './source.ts'
import { collectValues } from './values/collect.ts'
import { digestValues } from './values/digest.ts'

/** Waits after failures that nobody tells the end of (controller-runtime: 750 ms to 15 min). */
const backoff = { baseMs: 750, maxMs: 900_000 }

/** Brings one release and the status of its object to what the object says. Returns when to look again. */
export async function reconcileHelmRelease(
  context: HelmReleaseContext,
  found: HelmRelease,
  memory: Memory,
  work: WorkContext<HelmReleaseReason>,
): Promise<WorkResult> {
  const { engine } = context
  if (found.metadata.deletionTimestamp !== undefined) return finalizeHelmRelease(context, found, memory, work)
  const object = await addFinalizer(engine.client, found, finalizer, helmManager)
  context.remember(object)
  if (object.spec.suspend) return {}
  const started = engine.clock.monotonic()
  const attempt = new Attempt(context, object, memory, work)
  try {
    return await succeed(attempt, await run(attempt))
  } catch (error) {
    work.closing.throwIfAborted()
    return await fail(attempt, error)
  } finally {
    const { namespace = '', name = '' } = object.metadata
    const labels = { kind: 'HelmRelease', namespace, name }
    engine.metrics.observe('gotk_reconcile_duration_seconds', labels, (engine.clock.monotonic() - started) / 1000)
  }
}

async function run(attempt: Attempt): Promise<Converged> {
  const { context, object, status } = attempt
  intervalOf(object)
  new HealthRules(object.spec.healthCheckExprs)
  for (const { readyExpr } of object.spec.dependsOn ?? []) {
    if (readyExpr) compileExpression(readyExpr, 'spec.dependsOn.readyExpr')
  }
  checkReferences(context, object)
  await ensureHelmChart(attempt)
  const unready = unreadyDependency(object, context.findHelmRelease)
  if (unready !== undefined) throw new StepFailure('DependencyNotReady', unready, { retryMs: requeueMs })
  const chart = await openChartOf(context, object)
  const values = await collectValues(object, context.readValues(object))
  const config = digestValues(values)
  const identity = await identityOf(context, object)
  try {
    const changed = targetChange(attempt, chart.name)
    if (changed !== undefined) return await leaveTarget(attempt, identity)
    status.storageNamespace = storageNamespaceOf(object)
    if (mustResetFailures(attempt, chart.version, config)) attempt.clearFailures()
    status.lastAttemptedGeneration = object.metadata.generation ?? 0
    status.lastAttemptedRevision = chart.version
    status.lastAttemptedRevisionDigest = chart.ociDigest
    status.lastAttemptedConfigDigest = config
    return await converge(attempt, { chart, values, config, client: identity.client } satisfies Wanted)
  } finally {
    await identity.close()
  }
}

/** Charts of other namespaces are out of reach unless the engine allows it, and so are expressions over others' objects. */
function checkReferences({ engine }: HelmReleaseContext, object: HelmRelease): void {
  engine.tenancy.checkReference(object, chartSourceOf(object))
  for (const { namespace, name, readyExpr } of dependenciesOf(object)) {
    if (readyExpr) engine.tenancy.checkReference(object, { kind: 'HelmRelease', namespace, name })
  }
}

/** What of the place of a release has changed, so that it has to leave the old one first. */
function targetChange({ object, status, latest }: Attempt, chartName: string): string | undefined {
  if (!status.storageNamespace || latest === undefined) return undefined
  if (storageNamespaceOf(object) !== status.storageNamespace) return 'storage namespace'
  if (releaseNamespaceOf(object) !== latest.namespace) return 'release namespace'
  if (releaseNameOf(object) !== latest.name) return 'release name'
  const inPlace = object.spec.upgrade?.chartNameChangeStrategy === 'InPlaceUpdate'
  return chartName !== latest.chartName && !inPlace ? 'chart name' : undefined
}

async function leaveTarget(attempt: Attempt, { client }: Identity): Promise<Converged> {
  await uninstall(attempt, client)
  attempt.history = []
  attempt.clearFailures()
  delete attempt.status.storageNamespace
  attempt.memory.observed = undefined
  return { kind: 'again' }
}

/** Whether the failures so far are those of something else than what is wanted now. */
function mustResetFailures({ object, status, reset }: Attempt, version: string, config: string): boolean {
  return (
    reset ||
    status.lastAttemptedGeneration !== object.metadata.generation ||
    status.lastAttemptedRevision !== version ||
    (status.lastAttemptedConfigDigest !== undefined && status.lastAttemptedConfigDigest !== config)
  )
}

async function succeed(attempt: Attempt, converged: Converged): Promise<WorkResult> {
  const { context, memory, object, status } = attempt
  noteRequest(attempt)
  if (converged.kind === 'done') status.observedGeneration = object.metadata.generation ?? 0
  await attempt.write()
  if (converged.kind === 'again') return { requeueAfterMs: backoffDelay(++memory.failures, backoff) }
  memory.failures = 0
  if (converged.kind === 'later') return { requeueAfterMs: converged.afterMs }
  return { requeueAfterMs: intervalOf(object) * (0.95 + 0.1 * context.engine.random()) }
}

async function fail(attempt: Attempt, error: unknown): Promise<WorkResult> {
  const { conditions, memory, object, status } = attempt
  const failure = asStepFailure(error, 'ReconcileError')
  const before = conditions.get('Ready')
  noteRequest(attempt)
  const told = failure.reason === 'RetriesExceeded' || failure.reason === 'MissingRollbackTarget'
  if (!(told && before?.status === 'False')) conditions.set('Ready', 'False', failure.reason, failure.message)
  tell(attempt, failure, before?.message)
  if (isTerminal(failure)) {
    conditions.set('Stalled', 'True', failure.reason, failure.message)
    conditions.remove('Reconciling')
    status.observedGeneration = object.metadata.generation ?? 0
    await attempt.write()
    return {}
  }
  conditions.remove('Stalled')
  conditions.set('Reconciling', 'True', 'ProgressingWithRetry', failure.message)
  await attempt.write()
  return { requeueAfterMs: failure.options.retryMs ?? backoffDelay(++memory.failures, backoff) }
}

/** Events of what fails before any action; actions tell of their own failures. A failure that stays is told once. */
function tell(attempt: Attempt, failure: StepFailure, before: string | undefined): void {
  if (before === failure.message) return
  if (failure.reason === 'DependencyNotReady') attempt.emit('info', failure.reason, failure.message)
  else if (['AccessDenied', 'ValuesError', 'ArtifactFailed', 'RetriesExceeded'].includes(failure.reason)) {
    attempt.emit('error', failure.reason, failure.message)
  }
}

function noteRequest({ object, status }: Attempt): void {
  const requested = object.metadata.annotations?.[requestedAtAnnotation]
  if (requested !== undefined) status.lastHandledReconcileAt = requested
}
