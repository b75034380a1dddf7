import { backoffDelay } from '../../base/backoff.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { MissingKind } from '../apply/refusal.ts'
import { finalizer, kustomizationStatusManager } from '../contract.ts'
import { asStepFailure, type StepFailure } from '../failure.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { addFinalizer } from '../status/finalizers.ts'
import { writeStatus } from '../status/write-status.ts'
import { explained } from '../tenancy/tenancy.ts'
import { Attempt } from './attempt.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import { timingOf } from './facts.ts'
import { finalize } from './finalize.ts'
import { withResult } from './history.ts'
import type { Memory } from './memory.ts'
import { type Preparation, prepare, sameBuild, WaitQuietly } from './plan.ts'
import { conditionsOf, handledRequest, pendingRequest, type Status, withConditions } from './status.ts'

/** Waits after failures of the server or the network (controller-runtime: 750 ms to 15 min); the retry interval is the cap. */
const transientBackoff = { baseMs: 750, maxMs: 900_000 }

/** Brings the cluster and the status of one Kustomization to what its source says. Returns when to look again. */
export async function reconcileKustomization(
  context: KustomizationContext,
  found: Kustomization,
  memory: Memory,
  work: WorkContext<KustomizationReason>,
): Promise<WorkResult> {
  const { engine } = context
  if (found.metadata.deletionTimestamp !== undefined) return finalize(context, found, work)
  const object = await addFinalizer(engine.client, found, finalizer, kustomizationStatusManager)
  context.remember(object)
  if (object.spec.suspend) return {}
  const started = engine.clock.monotonic()
  const attempt = new Attempt(context, object, memory, work)
  try {
    const result = await run(context, attempt, memory, work)
    memory.failures = 0
    memory.missingKind = undefined
    return result
  } catch (error) {
    work.closing.throwIfAborted()
    if (error instanceof WaitQuietly) return { requeueAfterMs: 1000 }
    const thrown = asStepFailure(error, 'ReconciliationFailed')
    const failure = explained(thrown, memory.identity, attempt.object.spec.serviceAccountName)
    memory.missingKind = failure instanceof MissingKind ? `${failure.ref.group}/${failure.ref.kind}` : undefined
    await recordFailure(context, attempt, failure)
    return retryAfter(attempt.object, memory, failure)
  } finally {
    observe(context, object, engine.clock.monotonic() - started)
  }
}

async function run(
  context: KustomizationContext,
  attempt: Attempt,
  memory: Memory,
  work: WorkContext<KustomizationReason>,
): Promise<WorkResult> {
  const { object } = attempt
  const prepared = await prepare(context, object, memory)
  const moved = enter(memory, prepared)
  const again = { requeueAfterMs: prepared.timing.intervalMs * (0.95 + 0.1 * context.engine.random()) }
  const requested = pendingRequest(object) !== undefined
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')
  const settled =
    ready?.status === 'True' && object.status?.observedGeneration === object.metadata.generation && !requested
  if (settled && !moved && (await sameBuild(memory, object, prepared)) && attempt.clusterAgrees()) {
    // Whom a new revision does not concern lets those go first whom it does.
    if (work.reasons.size === 1 && work.reasons.has('source')) return { requeueAfterMs: 0 }
    await attempt.confirm(prepared.source.revision)
    return again
  }
  if (work.reasons.size === 1 && work.reasons.has('health')) {
    await attempt.recheck(prepared)
    return memory.unhealthy === undefined ? again : { requeueAfterMs: prepared.timing.retryMs }
  }
  const outcome = await attempt.apply(prepared, work.reasons.has('requested') || requested || moved)
  if (outcome === 'superseded') return {}
  return again
}

/**
 * Notes in which cluster and with whose rights the work goes on; true when either is another one than before. What was
 * proven elsewhere proves nothing, and what one account may do is asked again for another.
 */
function enter(memory: Memory, { target, user = '' }: Preparation): boolean {
  const elsewhere = memory.target !== undefined && memory.target !== target
  if (elsewhere) memory.proofs = new Map()
  const moved = elsewhere || memory.identity !== user
  memory.target = target
  memory.identity = user
  return moved
}

/** Writes what failed. The generation is only observed when nothing but a change of the object can help. */
async function recordFailure(context: KustomizationContext, attempt: Attempt, failure: StepFailure): Promise<void> {
  const { engine } = context
  const { object, revision } = attempt
  const before = object.status?.conditions?.find(({ type }) => type === 'Ready')
  const conditions = conditionsOf(object, () => engine.clock.now())
  conditions.set('Ready', 'False', failure.reason, failure.message)
  if (failure.reason === 'HealthCheckFailed' || failure.reason === 'HealthCheckCanceled') {
    conditions.set('Healthy', 'False', failure.reason, failure.message)
  }
  if (failure.options.stalled) {
    conditions.set('Stalled', 'True', failure.reason, failure.message)
    conditions.remove('Reconciling')
  } else {
    conditions.set('Reconciling', 'True', 'ProgressingWithRetry', failure.message)
    conditions.remove('Stalled')
  }
  const repeated = before?.status === 'False' && before.message === failure.message
  const next: Status = {
    ...withConditions(object.status, conditions),
    ...handledRequest(object),
    ...(attempt.attempted && revision !== undefined ? { lastAttemptedRevision: revision } : {}),
    ...(attempt.inventory === undefined ? {} : { inventory: { entries: [...attempt.inventory] } }),
    ...(failure.options.stalled ? { observedGeneration: object.metadata.generation ?? 0 } : {}),
  }
  if (attempt.digest !== undefined && revision !== undefined && !repeated) {
    next.history = withResult(object.status?.history, {
      digest: attempt.digest,
      status: failure.reason,
      revision,
      at: engine.clock.now(),
      durationMs: attempt.tookMs,
    })
  }
  attempt.object = await writeStatus(engine.client, object, next, kustomizationStatusManager)
  context.remember(attempt.object)
  if (repeated) return
  attempt.tell('error', failure.reason, failure.message)
}

function retryAfter(object: Kustomization, memory: Memory, failure: StepFailure): WorkResult {
  if (failure.options.stalled) return {}
  if (failure.reason === 'HealthCheckCanceled') return { requeueAfterMs: 0 }
  const { retryMs } = timingOf(object)
  if (!failure.options.transient) return { requeueAfterMs: failure.options.retryMs ?? retryMs }
  memory.failures++
  return { requeueAfterMs: Math.min(retryMs, backoffDelay(memory.failures, transientBackoff)) }
}

function observe({ engine }: KustomizationContext, object: Kustomization, ms: number): void {
  const labels = { kind: 'Kustomization', name: object.metadata.name ?? '', namespace: object.metadata.namespace ?? '' }
  engine.metrics.observe('gotk_reconcile_duration_seconds', labels, ms / 1000)
}
