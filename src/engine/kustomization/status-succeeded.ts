import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { ObjectChange } from '../events.ts'
import { withResult } from './history.ts'
import type { InventoryEntry } from './inventory.ts'
import { conditionsOf, handledRequest, type Status, withConditions } from './status.ts'

/** The reason of a Kustomization that is Ready. */
export const succeeded = 'ReconciliationSucceeded'

/** What a reconcile that went well has to say. */
export interface Success {
  readonly revision: string
  /** Digest of the build. */
  readonly digest: string
  readonly inventory: readonly InventoryEntry[]
  /** Message of the health check; undefined when none was made. */
  readonly health: string | undefined
  readonly changes: readonly ObjectChange[]
  readonly at: Date
  readonly tookMs: number
}

/** The status of a Kustomization that is Ready, and whether that is worth an event. */
export function succeededStatus(object: Kustomization, success: Success): { status: Status; isNews: boolean } {
  const { revision, digest, inventory, health, changes, at } = success
  const conditions = conditionsOf(object, () => at)
  const recovered = conditions.get('Ready')?.status === 'False'
  const moved = object.status?.lastAppliedRevision !== revision
  const changed = changes.some(({ action }) => action !== 'unchanged' && action !== 'skipped')
  conditions.set('Ready', 'True', succeeded, `Applied revision: ${revision}`)
  conditions.remove('Reconciling', 'Stalled')
  const healthNews = moved || changed || !conditions.isTrue('Healthy')
  if (health !== undefined && healthNews) conditions.set('Healthy', 'True', 'Succeeded', health)
  else if (health === undefined && !object.spec.wait && (object.spec.healthChecks?.length ?? 0) === 0)
    conditions.remove('Healthy')
  // A look that found everything as it was (after a restart, say) is not worth a write.
  const last = object.status?.history?.[0]
  const repeated =
    !moved && !recovered && !changed && last?.digest === digest && last?.lastReconciledStatus === succeeded
  const status: Status = {
    ...withConditions(object.status, conditions),
    ...handledRequest(object),
    inventory: { entries: [...inventory] },
    lastAppliedRevision: revision,
    lastAttemptedRevision: revision,
    observedGeneration: object.metadata.generation ?? 0,
  }
  if (!repeated) {
    const entry = { digest, status: succeeded, revision, at, durationMs: success.tookMs }
    status.history = withResult(object.status?.history, entry)
  }
  return { status, isNews: moved || recovered }
}
