import type { Clock } from '../../base/clock.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { formatRef, type ObjectRef } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { changeLog } from '../apply/apply.ts'
import { finalizer, kustomizationStatusManager } from '../contract.ts'
import { messageOf } from '../failure.ts'
import type { WorkContext, WorkResult } from '../queue/work-queue.ts'
import { type Target, targetOf } from '../remote/target.ts'
import { removeFinalizer } from '../status/finalizers.ts'
import type { KustomizationContext, KustomizationReason } from './context.ts'
import { timingOf } from './facts.ts'
import { parseInventoryEntry } from './inventory.ts'
import { actingUser } from './plan.ts'
import { prune } from './prune.ts'
import { inventoryOf } from './status.ts'

/**
 * What happens to the applied objects when their Kustomization is deleted: `MirrorPrune` (the default) deletes them if it
 * prunes, `Delete` always, `WaitForTermination` also waits until they are gone, `Orphan` leaves them. A suspended one
 * leaves them too. The finalizer goes last, also when something could not be deleted: an event says what is left.
 */
export async function finalize(
  context: KustomizationContext,
  object: Kustomization,
  work: WorkContext<KustomizationReason>,
): Promise<WorkResult> {
  const { engine } = context
  if (!object.metadata.finalizers?.includes(finalizer)) return {}
  const policy = object.spec.deletionPolicy || 'MirrorPrune'
  const deletes =
    policy === 'Delete' || policy === 'WaitForTermination' || (policy === 'MirrorPrune' && object.spec.prune)
  if (deletes && !object.spec.suspend) await deleteAll(context, object, policy === 'WaitForTermination', work)
  await removeFinalizer(engine.client, object, finalizer, kustomizationStatusManager)
  return {}
}

async function deleteAll(
  context: KustomizationContext,
  object: Kustomization,
  waits: boolean,
  work: WorkContext<KustomizationReason>,
): Promise<void> {
  const { engine, foreignIn } = context
  const { namespace = '', name = '' } = object.metadata
  const tell = (severity: 'info' | 'error', reason: string, message: string) =>
    engine.emit(
      { time: engine.clock.now(), severity, about: { kind: 'Kustomization', namespace, name }, reason, message },
      object,
    )
  const entries = inventoryOf(object)
  let place: { readonly target: Target; readonly client: KubeClient }
  try {
    place = await placeOf(context, object)
  } catch (error) {
    return tell('error', 'PruneFailed', `unable to prune objects: ${messageOf(error)}`)
  }
  const { changes, failures } = await prune({
    client: place.client,
    live: place.target.live,
    owner: { namespace, name },
    entries,
    foreignIn: target => foreignIn(target, object),
    signal: work.signal,
  })
  if (changes.length > 0) tell('info', 'ReconciliationSucceeded', changeLog(changes))
  if (failures.length > 0) tell('error', 'PruneFailed', `unable to prune objects: ${failures.join('\n')}`)
  if (!waits) return
  const refs = entries.map(parseInventoryEntry).filter(ref => ref !== undefined)
  const left = await work.park(() => untilGone(engine.clock, place.target, refs, timeoutOf(object), work.signal))
  if (left.length > 0) {
    tell('error', 'PruneFailed', `timeout waiting for the termination of: [${left.map(formatRef).join(', ')}]`)
  }
}

/** The cluster and the identity that the objects were applied with. */
async function placeOf(
  context: KustomizationContext,
  object: Kustomization,
): Promise<{ readonly target: Target; readonly client: KubeClient }> {
  const target = await targetOf(context.engine, object, context.readVariables(object))
  const user = actingUser(object, context.engine.tenancy.userOf(object, object.spec.serviceAccountName))
  return { target, client: user === undefined ? target.client : target.client.as(user) }
}

function timeoutOf(object: Kustomization): number {
  try {
    return timingOf(object).timeoutMs
  } catch {
    return 30_000
  }
}

/** Resolves with what is still there after the time, as soon as nothing is. */
async function untilGone(
  clock: Clock,
  { live }: Target,
  refs: readonly ObjectRef[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ObjectRef[]> {
  const deadline = clock.monotonic() + timeoutMs
  for (let wait = 20; ; wait = Math.min(2000, wait * 2)) {
    const left = refs.filter(ref => live.get(ref) !== undefined)
    if (left.length === 0 || clock.monotonic() > deadline) return left
    await clock.sleep(wait, signal)
  }
}
