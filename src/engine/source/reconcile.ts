import { backoffDelay } from '../../base/backoff.ts'
import { parseDuration } from '../../base/duration.ts'
import { refOf } from '../../kube/identity.ts'
import type { Condition } from '../../kube/object.ts'
import type { GitRepository } from '../../specs/flux/git-repository.ts'
import type { EngineContext } from '../context.ts'
import { finalizer, requestedAtAnnotation, sourceStatusManager } from '../contract.ts'
import { asStepFailure, StepFailure } from '../failure.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { Conditions } from '../status/conditions.ts'
import { addFinalizer, removeFinalizer } from '../status/finalizers.ts'
import { writeStatus } from '../status/write-status.ts'
import { artifactOf } from './artifact.ts'
import { watchingExpiry } from './credential-expiry.ts'
import { type Fetch, fetchSource } from './fetch.ts'
import { followedRef } from './ref.ts'
import { refuseUnsupported } from './unsupported.ts'

type Status = NonNullable<GitRepository['status']>

/** Why a source is looked at. */
export type SourceReason = 'spec' | 'requested' | 'push' | 'lost' | 'interval'

/** Waits after failed fetches (Flux: --min-retry-delay 750 ms, --max-retry-delay 15 min). */
const retryBackoff = { baseMs: 750, maxMs: 900_000 }

/** Brings one GitRepository up to date: fetch, artifact, status. What was fetched before stays until there is newer. */
export async function reconcileSource(
  context: EngineContext,
  found: GitRepository,
  failures: number,
  work: WorkContext<SourceReason>,
): Promise<WorkResult & { readonly failed: boolean; readonly object: GitRepository | undefined }> {
  const { client } = context
  if (found.metadata.deletionTimestamp !== undefined) {
    await removeFinalizer(client, found, finalizer, sourceStatusManager)
    return { failed: false, object: undefined }
  }
  let object = await addFinalizer(client, found, finalizer, sourceStatusManager)
  if (object.spec.suspend) return { failed: false, object }
  const started = context.clock.monotonic()
  let result: WorkResult & { failed: boolean }
  let next: Status
  let fetched: Fetch | undefined
  try {
    const intervalMs = intervalOf(object)
    const ref = followedRef(object.spec.ref)
    refuseUnsupported(object, ref)
    if (ref.kind === 'unsupported') throw new Error('unreachable')
    fetched = await fetchSource(object, ref, context.snapshots, watchingExpiry(context, object), work.closing)
    next = succeeded(context, object, fetched)
    result = { failed: false, requeueAfterMs: intervalMs * (0.95 + 0.1 * context.random()) }
  } catch (error) {
    work.closing.throwIfAborted()
    const failure = asStepFailure(error, 'GitOperationFailed')
    next = failed(context, object, failure)
    const retryMs = Math.min(backoffDelay(failures + 1, retryBackoff), Math.max(60_000, intervalOrDefault(object)))
    result = { failed: true, ...(failure.options.stalled ? {} : { requeueAfterMs: retryMs }) }
  }
  const before = object
  object = await writeStatus(client, object, next, sourceStatusManager)
  announce(context, before, object, fetched)
  if (before !== object) {
    const labels = {
      kind: 'GitRepository',
      name: object.metadata.name ?? '',
      namespace: object.metadata.namespace ?? '',
    }
    context.metrics.observe('gotk_reconcile_duration_seconds', labels, (context.clock.monotonic() - started) / 1000)
  }
  return { ...result, object }
}

function succeeded(context: EngineContext, object: GitRepository, fetched: Fetch): Status {
  const { spec, metadata } = object
  const conditions = conditionsOf(context, object)
  const before = object.status?.artifact
  const fresh = artifactOf({
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    url: spec.url,
    ...fetched,
    ignore: spec.ignore,
    sparseCheckout: spec.sparseCheckout,
    now: context.clock.now(),
  })
  const same = before?.revision === fresh.revision && before.digest === fresh.digest
  const message = `stored artifact for revision '${fetched.revision}'`
  conditions.remove('FetchFailed', 'Reconciling', 'Stalled', 'ArtifactOutdated', 'StorageOperationFailed')
  conditions.set('Ready', 'True', 'Succeeded', message)
  conditions.set('ArtifactInStorage', 'True', 'Succeeded', message)
  return {
    ...handled(object),
    artifact: same ? before : fresh,
    conditions: conditions.list() as Status['conditions'] & object,
    observedGeneration: metadata.generation ?? 0,
    ...(spec.ignore === undefined ? {} : { observedIgnore: spec.ignore }),
    ...(spec.sparseCheckout === undefined ? {} : { observedSparseCheckout: spec.sparseCheckout }),
  }
}

/** A failure never takes the artifact away: consumers go on with the last good revision. */
function failed(context: EngineContext, object: GitRepository, failure: StepFailure): Status {
  const conditions = conditionsOf(context, object)
  conditions.set('Ready', 'False', failure.reason, failure.message)
  if (failure.options.stalled) {
    conditions.set('Stalled', 'True', failure.reason, failure.message)
    conditions.remove('Reconciling', 'FetchFailed')
  } else {
    conditions.set('FetchFailed', 'True', failure.reason, failure.message)
    conditions.set('Reconciling', 'True', 'ProgressingWithRetry', failure.message)
    conditions.remove('Stalled')
  }
  return {
    ...object.status,
    observedGeneration: object.status?.observedGeneration ?? -1,
    ...handled(object),
    conditions: conditions.list() as Status['conditions'] & object,
    ...(failure.options.stalled ? { observedGeneration: object.metadata.generation ?? 0 } : {}),
  }
}

function conditionsOf(context: EngineContext, object: GitRepository): Conditions {
  return new Conditions(
    object.status?.conditions as readonly Condition[] | undefined,
    object.metadata.generation ?? 0,
    () => context.clock.now(),
  )
}

function handled(object: GitRepository): Status {
  const requested = object.metadata.annotations?.[requestedAtAnnotation] ?? object.status?.lastHandledReconcileAt
  return requested === undefined ? {} : { lastHandledReconcileAt: requested }
}

function intervalOf(object: GitRepository): number {
  for (const field of ['interval', 'timeout'] as const) {
    const text = object.spec[field]
    if (text && parseDuration(text) === undefined) {
      throw new StepFailure(
        'InvalidInterval',
        `spec.${field} is not a duration: expected one such as 1m or 1h30m, below 285 years, seen ${JSON.stringify(text)}`,
        { stalled: true },
      )
    }
  }
  return intervalOrDefault(object)
}

function intervalOrDefault(object: GitRepository): number {
  return Math.max(1000, parseDuration(object.spec.interval) ?? 60_000)
}

/** Tells of a new artifact, of a failure that began, and of its end. */
function announce(context: EngineContext, before: GitRepository, after: GitRepository, fetched?: Fetch): void {
  const { kind: _kind, ...about } = refOf(after)
  const ready = (object: GitRepository) => object.status?.conditions?.find(({ type }) => type === 'Ready')
  const now = ready(after)
  const artifact = after.status?.artifact
  const base = {
    time: context.clock.now(),
    about: { kind: 'GitRepository' as const, namespace: about.namespace, name: about.name },
    ...(artifact === undefined ? {} : { revision: artifact.revision }),
  }
  const from = before.status?.artifact?.revision
  if (now?.status === 'True' && artifact !== undefined && artifact.revision !== from) {
    if (fetched?.rewritten) {
      const message = `the history was rewritten: '${from}' is not among the ancestors of '${artifact.revision}'`
      context.emit({ ...base, severity: 'info', reason: 'HistoryRewritten', message }, after)
    }
    // Flux tells of a commit by the first 50 characters of its subject.
    const subject = fetched === undefined ? '' : ` for commit '${fetched.subject.slice(0, 50)}'`
    context.emit({ ...base, severity: 'info', reason: 'NewArtifact', message: `stored artifact${subject}` }, after)
  } else if (now?.status === 'True' && ready(before)?.status === 'False') {
    context.emit({ ...base, severity: 'info', reason: 'Succeeded', message: now.message ?? '' }, after)
  } else if (now?.status === 'False' && ready(before)?.message !== now.message) {
    context.emit({ ...base, severity: 'error', reason: now.reason ?? 'Failed', message: now.message ?? '' }, after)
  }
}
