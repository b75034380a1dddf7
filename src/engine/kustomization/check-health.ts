import { calledOff } from '../../base/alarm.ts'
import { formatDuration } from '../../base/duration.ts'
import { isForbidden } from '../../kube/client/status.ts'
import { formatRef, type ObjectRef, parseApiVersion } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { ObjectChange } from '../events.ts'
import { messageOf, StepFailure } from '../failure.ts'
import { awaitHealth, type HealthInput, unhealthy } from '../health/await-health.ts'
import type { WorkContext } from '../queue/work-queue.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import { keyOf, sourceRefKey, sourceRefOf } from './facts.ts'
import type { Memory } from './memory.ts'
import { actingClient, type Preparation } from './plan.ts'
import { resolveSource } from './source.ts'

export interface CheckHealthInput {
  readonly context: KustomizationContext
  readonly object: Kustomization
  readonly memory: Memory
  readonly work: WorkContext<KustomizationReason>
  readonly prepared: Preparation
  /** What was applied. */
  readonly changes: readonly ObjectChange[]
  /** Called when there is something to wait for. */
  readonly announce: () => void
}

/**
 * Waits until what was applied is healthy, without a worker. Returns the message for the condition, or undefined when
 * newer work for the object ended the wait. A StepFailure names the culprits, or the source whose new revision ended it.
 */
export async function checkHealth(input: CheckHealthInput): Promise<string | undefined> {
  const { context, object, memory, work, prepared } = input
  const { clock } = context.engine
  const health = await healthInput(input)
  const key = `${memory.applied?.digest} ${object.metadata.generation}`
  // A wait that is interrupted and begun again for the same thing has only the time that is left.
  if (memory.checking?.key !== key) memory.checking = { key, since: clock.monotonic() }
  if (unhealthy(health).length === 0) return `Health check passed in ${formatDuration(0)}`
  const left = prepared.timing.timeoutMs - (clock.monotonic() - memory.checking.since)
  input.announce()
  const cancel = new AbortController()
  let newer: KustomizationReason | undefined
  const endWake = work.onWake(reason => {
    if (!interrupts(reason)) return
    newer = reason
    cancel.abort(calledOff)
  })
  const stop = AbortSignal.any([cancel.signal, work.closing])
  const outcome = await work.park(() => awaitHealth(health, Math.max(0, left), stop)).finally(endWake)
  work.closing.throwIfAborted()
  if (outcome.kind === 'healthy') return `Health check passed in ${formatDuration(Math.round(outcome.tookMs))}`
  if (outcome.kind === 'failed') {
    memory.unhealthy = health.refs
    memory.checking = undefined
    throw new StepFailure('HealthCheckFailed', outcome.message)
  }
  if (newer !== 'source' || !(await isConcerned(input))) return undefined
  throw new StepFailure('HealthCheckCanceled', `New reconciliation triggered by ${sourceRefKey(sourceRefOf(object))}`)
}

/** Whether the source's new revision changes what is built here; the wait goes on if not, in the next reconcile. */
async function isConcerned({ context, object, memory }: CheckHealthInput): Promise<boolean> {
  const source = await resolveSource(sourceRefOf(object), context.sources).catch(() => undefined)
  return (
    source === undefined || memory.applied === undefined || !(await memory.applied.inputs.reads.matches(source.tree))
  )
}

/** Reasons that end a running health check: what is waited for may no longer be what is wanted. */
function interrupts(reason: KustomizationReason): boolean {
  return reason === 'source' || reason === 'spec' || reason === 'requested' || reason === 'drift' || reason === 'input'
}

/** The watches read with the engine's rights, so whoever acts with lesser ones is asked for theirs first. */
async function mayRead(prepared: Preparation, refs: readonly ObjectRef[]): Promise<void> {
  if (prepared.user === undefined) return
  const client = actingClient(prepared)
  for (const ref of refs) {
    try {
      await client.find(ref)
    } catch (error) {
      if (!isForbidden(error)) throw error
      throw new StepFailure('HealthCheckFailed', `health check failed: ${formatRef(ref)}: ${messageOf(error)}`)
    }
  }
}

async function healthInput({ context, object, prepared, changes }: CheckHealthInput): Promise<HealthInput> {
  const { clock } = context.engine
  const { watches, live } = prepared.target
  const user = `health:${keyOf(object)}`
  const { namespace, name } = object.metadata
  const self = (ref: ObjectRef) => ref.kind === 'Kustomization' && ref.name === name && ref.namespace === namespace
  let refs: ObjectRef[]
  if (object.spec.wait) {
    refs = changes.filter(({ action }) => action !== 'skipped').map(({ ref }) => ref)
    watches.retain(user, [])
  } else {
    refs = (object.spec.healthChecks ?? []).map(check => ({
      ...parseApiVersion(check.apiVersion || 'apps/v1'),
      kind: check.kind,
      name: check.name,
      namespace: check.namespace ?? '',
    }))
    await mayRead(prepared, refs)
    watches.retain(user, refs)
    await Promise.all(refs.map(ref => watches.read(user, ref)))
  }
  return { live, watches, clock, refs: refs.filter(ref => !self(ref)), rules: prepared.rules }
}
