import type { Condition } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { requestedAtAnnotation } from '../contract.ts'
import { Conditions } from '../status/conditions.ts'
import type { InventoryEntry } from './inventory.ts'

export type Status = NonNullable<Kustomization['status']>

/** The conditions of a Kustomization, to be changed. */
export function conditionsOf(object: Kustomization, now: () => Date): Conditions {
  return new Conditions(
    object.status?.conditions as readonly Condition[] | undefined,
    object.metadata.generation ?? 0,
    now,
  )
}

/** A status with these conditions, the rest as it is; -1 is Flux's word for a generation that was never handled. */
export function withConditions(status: Status | undefined, conditions: Conditions): Status {
  return {
    ...status,
    observedGeneration: status?.observedGeneration ?? -1,
    conditions: conditions.list() as NonNullable<Status['conditions']>,
  }
}

/** The objects that were applied, as the status lists them. */
export function inventoryOf(object: Kustomization): readonly InventoryEntry[] {
  return object.status?.inventory?.entries ?? []
}

/** The request for a reconcile that has not been handled yet. */
export function pendingRequest(object: Kustomization): string | undefined {
  const requested = object.metadata.annotations?.[requestedAtAnnotation]
  return requested === undefined || requested === object.status?.lastHandledReconcileAt ? undefined : requested
}

/** The last request as handled, for the status at the end of a reconcile, whether it went well or not. */
export function handledRequest(object: Kustomization): Pick<Status, 'lastHandledReconcileAt'> {
  const requested = object.metadata.annotations?.[requestedAtAnnotation]
  return requested === undefined ? {} : { lastHandledReconcileAt: requested }
}
