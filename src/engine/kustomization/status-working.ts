import { formatDuration } from '../../base/duration.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { type InventoryEntry, staleEntries } from './inventory.ts'
import { conditionsOf, inventoryOf, type Status, withConditions } from './status.ts'

/** What a status says while its revision is being worked on. */
export interface Work {
  readonly revision: string
  readonly timeoutMs: number
  readonly now: () => Date
}

/**
 * The status right before the first change of the cluster: it no longer claims to be ready for anything, and its
 * inventory already holds whatever may be applied now, so that nothing can be lost by a crash. Undefined when the status
 * that stands claims nothing that has to be taken back, and knows every object.
 */
export function applyingStatus(
  object: Kustomization,
  work: Work,
  inventory: readonly InventoryEntry[],
  checks: boolean,
): Status | undefined {
  const { revision } = work
  const conditions = conditionsOf(object, work.now)
  const ready = conditions.get('Ready')?.status
  const { lastAppliedRevision, observedGeneration } = object.status ?? {}
  const known = staleEntries(inventory, inventoryOf(object)).length === 0
  // Putting back what drifted is no new claim, and a status that claims nothing need not take anything back.
  const putsBack =
    ready === 'True' && lastAppliedRevision === revision && observedGeneration === object.metadata.generation
  if (known && (putsBack || ((ready === undefined || ready === 'Unknown') && !checks))) return undefined
  const running = runningChecks(work)
  conditions.set('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress')
  conditions.set('Reconciling', 'True', 'Progressing', checks ? running : `Applying ${limitOf(work)}`)
  conditions.remove('Stalled')
  if (checks) conditions.set('Healthy', 'Unknown', 'Progressing', running)
  else conditions.remove('Healthy')
  return {
    ...withConditions(object.status, conditions),
    inventory: { entries: [...inventory] },
    lastAttemptedRevision: revision,
  }
}

/** The status while health is waited for; undefined when the one that stands says so already. */
export function checkingStatus(
  object: Kustomization,
  work: Work,
  inventory: readonly InventoryEntry[] | undefined,
): Status | undefined {
  const conditions = conditionsOf(object, work.now)
  const message = runningChecks(work)
  if (conditions.get('Healthy')?.message === message) return undefined
  conditions.set('Ready', 'Unknown', 'Progressing', 'Reconciliation in progress')
  conditions.set('Reconciling', 'True', 'Progressing', message)
  conditions.set('Healthy', 'Unknown', 'Progressing', message)
  return {
    ...withConditions(object.status, conditions),
    lastAttemptedRevision: work.revision,
    ...(inventory === undefined ? {} : { inventory: { entries: [...inventory] } }),
  }
}

function runningChecks(work: Work): string {
  return `Running health checks ${limitOf(work)}`
}

function limitOf({ revision, timeoutMs }: Work): string {
  return `for revision ${revision} with a timeout of ${formatDuration(timeoutMs)}`
}
