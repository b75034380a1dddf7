import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { StepFailure } from '../failure.ts'
import { withResult } from './history.ts'
import type { InventoryEntry } from './inventory.ts'
import { conditionsOf, handledRequest, type Status, withConditions } from './status.ts'

/** What a reconcile that failed has found out before. */
export interface Failure {
  readonly failure: StepFailure
  /** The revision that was worked on, once the source was known. */
  readonly revision: string | undefined
  /** Whether the build was begun. */
  readonly attempted: boolean
  /** Digest of the build, once there was one. */
  readonly digest: string | undefined
  /** The inventory as it is now; undefined while nothing was changed. */
  readonly inventory: readonly InventoryEntry[] | undefined
  readonly at: Date
  readonly tookMs: number
}

/**
 * The status of a Kustomization that failed, and whether it says something new. The generation is only observed when
 * nothing but a change of the object can help.
 */
export function failedStatus(object: Kustomization, result: Failure): { status: Status; isNews: boolean } {
  const { failure, revision, digest, at } = result
  const { reason, message, options } = failure
  const before = object.status?.conditions?.find(({ type }) => type === 'Ready')
  const conditions = conditionsOf(object, () => at)
  conditions.set('Ready', 'False', reason, message)
  if (reason === 'HealthCheckFailed' || reason === 'HealthCheckCanceled') {
    conditions.set('Healthy', 'False', reason, message)
  }
  if (options.stalled) {
    conditions.set('Stalled', 'True', reason, message)
    conditions.remove('Reconciling')
  } else {
    conditions.set('Reconciling', 'True', 'ProgressingWithRetry', message)
    conditions.remove('Stalled')
  }
  const repeated = before?.status === 'False' && before.message === message
  const status: Status = {
    ...withConditions(object.status, conditions),
    ...handledRequest(object),
    ...(result.attempted && revision !== undefined ? { lastAttemptedRevision: revision } : {}),
    ...(result.inventory === undefined ? {} : { inventory: { entries: [...result.inventory] } }),
    ...(options.stalled ? { observedGeneration: object.metadata.generation ?? 0 } : {}),
  }
  if (digest !== undefined && revision !== undefined && !repeated) {
    const entry = { digest, status: reason, revision, at, durationMs: result.tookMs }
    status.history = withResult(object.status?.history, entry)
  }
  return { status, isNews: !repeated }
}
