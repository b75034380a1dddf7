import { backoffDelay } from '../../base/backoff.ts'
import { finalizer, sourceStatusManager } from '../contract.ts'
import { asStepFailure, type StepFailure } from '../failure.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { addFinalizer, removeFinalizer } from '../status/finalizers.ts'
import { writeStatus } from '../status/write-status.ts'
import { announce } from './announce.ts'
import { type Artifact, isGitTree } from './artifact.ts'
import type { SourceContext } from './context.ts'
import type { SourceHandler, SourceOutcome, SourceReason } from './handler.ts'
import type { SourceObject } from './sources.ts'
import { failedStatus, succeededStatus } from './status.ts'
import { timingOf } from './timing.ts'

/** Waits after failed fetches (Flux: --min-retry-delay 750 ms, --max-retry-delay 15 min). */
const retryBackoff = { baseMs: 750, maxMs: 900_000 }
/** A server that asks for more is asked again after this long. */
const longestAskedWaitMs = 3_600_000

export interface SourceResult extends WorkResult {
  readonly failed: boolean
  readonly object: SourceObject | undefined
}

/** Brings one source up to date: fetch, artifact, status. What was fetched before stays until there is newer. */
export async function reconcileSource(
  context: SourceContext,
  handler: SourceHandler,
  found: SourceObject,
  failures: number,
  work: WorkContext<SourceReason>,
): Promise<SourceResult> {
  const { client, storage } = context
  const { namespace = '', name = '' } = found.metadata
  if (found.metadata.deletionTimestamp !== undefined) {
    await storage.removeAll(handler.kind, namespace, name)
    handler.forget?.(found)
    await removeFinalizer(client, found, finalizer, sourceStatusManager)
    return { failed: false, object: undefined }
  }
  if (handler.isStatic?.(found)) return { failed: false, object: found }
  let object = await addFinalizer(client, found, finalizer, sourceStatusManager)
  if (object['spec'] !== undefined && (object['spec'] as { suspend?: boolean }).suspend) {
    return { failed: false, object }
  }
  const started = context.clock.monotonic()
  const timing = timingOf(object)
  let result: WorkResult & { failed: boolean }
  let next: Record<string, unknown>
  let outcome: SourceOutcome | undefined
  let failure: StepFailure | undefined
  const current = await currentArtifact(context, handler, object)
  try {
    const { intervalMs, timeoutMs } = timing.checked()
    const signal = AbortSignal.any([work.closing, AbortSignal.timeout(timeoutMs)])
    outcome = await handler.run({ context, object, current, reasons: work.reasons, signal, timeoutMs })
    next = succeededStatus(context, object, outcome)
    result = { failed: false, requeueAfterMs: intervalMs * (0.95 + 0.1 * context.random()) }
  } catch (error) {
    work.closing.throwIfAborted()
    failure = asStepFailure(error, handler.failureReason)
    // A git tree that was lost here can be had again; a file of the store that is gone is gone.
    const stated = object.status?.artifact
    next = failedStatus(context, object, failure, stated !== undefined && isGitTree(stated) ? stated : current)
    const asked = Math.min(failure.options.retryMs ?? 0, longestAskedWaitMs)
    const retryMs = Math.min(backoffDelay(failures + 1, retryBackoff), Math.max(60_000, timing.intervalOrDefault))
    result = { failed: true, ...(failure.options.stalled ? {} : { requeueAfterMs: Math.max(asked, retryMs) }) }
  }
  const before = object
  object = await writeStatus(client, object, next, sourceStatusManager)
  announce(context, before, object, outcome)
  if (outcome !== undefined && !isGitTree(outcome.artifact)) await storage.collect(outcome.artifact)
  if (before !== object) {
    const labels = { kind: handler.kind, name, namespace }
    context.metrics.observe('gotk_reconcile_duration_seconds', labels, (context.clock.monotonic() - started) / 1000)
  }
  return { ...result, object }
}

/** The artifact of the status, if it is here and whole. A damaged one is told of, removed and made anew. */
async function currentArtifact(
  context: SourceContext,
  handler: SourceHandler,
  object: SourceObject,
): Promise<Artifact | undefined> {
  const artifact = object.status?.artifact
  if (artifact === undefined) return undefined
  const state = await (handler.check?.(context, object, artifact) ?? context.storage.check(artifact))
  if (state === 'intact') {
    // The host that serves can have another name than before.
    const url = isGitTree(artifact) ? artifact.url : context.storage.urlOf(artifact.path)
    return url === artifact.url ? artifact : { ...artifact, url }
  }
  if (state === 'damaged') {
    const { namespace = '', name = '' } = object.metadata
    context.emit(
      {
        time: context.clock.now(),
        severity: 'error',
        about: { kind: handler.kind, namespace, name },
        reason: 'ArtifactVerificationFailed',
        message: `failed to verify integrity of artifact: the stored bytes of ${artifact.path} are not those of ${artifact.digest}`,
        revision: artifact.revision,
      },
      object,
    )
    await context.storage.remove(artifact)
  }
  return undefined
}
