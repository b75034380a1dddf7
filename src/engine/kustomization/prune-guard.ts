import type { ObjectRef } from '../../kube/identity.ts'
import { allowEmptyAnnotation } from '../contract.ts'
import { StepFailure } from '../failure.ts'
import { type InventoryEntry, parseInventoryEntry, staleEntries } from './inventory.ts'

/** What the guard looks at. */
export interface PruneGuardInput {
  readonly prune: boolean
  /** Whether the Kustomization carries the annotation that allows it. */
  readonly allowed: boolean
  /** Whether the Kustomization itself is as it was at the last success: then only the source can have changed. */
  readonly sameGeneration: boolean
  readonly before: readonly InventoryEntry[]
  readonly after: readonly InventoryEntry[]
}

/**
 * Refuses a build that would garbage collect everything by mistake: one that yields nothing while objects are applied,
 * or one of a changed source in which neither an object nor a kind of object is left of what was applied. Flux would
 * delete all of it. Nothing is applied or pruned until the files are back or the annotation says that it is meant.
 */
export function guardPrune({ prune, allowed, sameGeneration, before, after }: PruneGuardInput): void {
  if (!prune || allowed || before.length === 0) return
  const stale = staleEntries(before, after)
  if (stale.length < before.length) return
  const kinds = new Set(after.map(kindOf))
  const replaced = before.some(entry => kinds.has(kindOf(entry)))
  if (after.length > 0 && (replaced || !sameGeneration || before.length < 2)) return
  const what =
    after.length === 0 ? 'the build yields no objects' : 'the build yields none of the objects applied before'
  const names = before.slice(0, 3).map(entry => entry.id)
  const more = before.length > names.length ? ` and ${before.length - names.length} more` : ''
  throw new StepFailure(
    'PruneRefused',
    `${what}, so all ${before.length} would be deleted (${names.join(', ')}${more}); nothing was changed. ` +
      `Restore the files, or set the annotation ${allowEmptyAnnotation}: "true" on the Kustomization to delete them`,
  )
}

function kindOf(entry: InventoryEntry): string {
  const ref = parseInventoryEntry(entry)
  return ref === undefined ? entry.id : `${ref.group}/${ref.kind}`
}

/** Names somebody else's object in a namespace; undefined when all in it is ours. */
export type FindForeign = (namespace: string) => ObjectRef | undefined
