import { backoffDelay } from '../../base/backoff.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { MissingKind } from '../apply/refusal.ts'
import { finalizer, kustomizationStatusManager } from '../contract.ts'
import { asStepFailure, type StepFailure } from '../failure.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { addFinalizer } from '../status/finalizers.ts'
import { explained } from '../tenancy/tenancy.ts'
import { Attempt } from './attempt.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import { timingOf } from './facts.ts'
import { finalize } from './finalize.ts'
import type { Memory } from './memory.ts'
import { type Preparation, prepare, sameBuild, WaitQuietly } from './plan.ts'
import { pendingRequest } from './status.ts'

/** Waits after failures of the server or the network (controller-runtime: 750 ms to 15 min); the retry interval is the cap. */
const transientBackoff = { baseMs: 750, maxMs: 900_000 }

/** How much later a Kustomization says that a revision does not concern it, when nobody depends on it. */
const confirmAfterMs = 500
/** How much later again, when those that the revision concerns are still in work. */
const putOffMs = 2500

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
    const failure = explained(thrown, memory.identity, attempt.report.object.spec.serviceAccountName)
    memory.missingKind = failure instanceof MissingKind ? `${failure.ref.group}/${failure.ref.kind}` : undefined
    await attempt.report.fail(failure)
    return retryAfter(attempt.report.object, memory, failure)
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
  const { object } = attempt.report
  const prepared = await prepare(context, object, memory)
  const moved = enter(memory, prepared)
  const again = { requeueAfterMs: prepared.timing.intervalMs * (0.95 + 0.1 * context.engine.random()) }
  const requested = pendingRequest(object) !== undefined
  const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')
  const settled =
    ready?.status === 'True' && object.status?.observedGeneration === object.metadata.generation && !requested
  if (settled && !moved && (await sameBuild(memory, object, prepared)) && attempt.clusterAgrees()) {
    const wait = waitToConfirm(context, object, memory, work.reasons, prepared.source.revision)
    memory.putOff = wait === putOffMs
    if (wait !== undefined) return { requeueAfterMs: wait }
    await attempt.confirm(prepared.source)
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

/**
 * Whom a new revision does not concern lets those go first whom it does: how much later it says so, or undefined for now.
 * Who waits for that is not made to wait.
 */
function waitToConfirm(
  context: KustomizationContext,
  object: Kustomization,
  memory: Memory,
  reasons: ReadonlySet<KustomizationReason>,
  revision: string,
): number | undefined {
  if (reasons.size > 1) return undefined
  if (reasons.has('source')) return context.hasDependents(object) ? 0 : confirmAfterMs
  const open = object.status?.lastAppliedRevision !== revision && !context.hasDependents(object)
  return reasons.has('interval') && open && !memory.putOff && context.isUrgent() ? putOffMs : undefined
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
