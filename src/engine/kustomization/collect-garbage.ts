import type { KubeClient } from '../../kube/client/types.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { KustomizationContext } from './context.ts'
import type { InventoryEntry } from './inventory.ts'
import { newOwners } from './moves.ts'
import { type PruneOutcome, prune } from './prune.ts'
import type { ResolvedSource } from './source.ts'

export interface GarbageInput {
  readonly context: KustomizationContext
  readonly object: Kustomization
  /** Deletes as whom the Kustomization says. */
  readonly client: KubeClient
  readonly source: ResolvedSource
  /** Objects that were applied before and are not wanted any more. */
  readonly stale: readonly InventoryEntry[]
  readonly signal: AbortSignal
  /** Told of each object that another Kustomization has or takes over, which stays. */
  readonly onMoved: (id: string, owner: string) => void
}

/** Deletes what is no longer wanted, but for what moved to another Kustomization of the source. */
export async function collectGarbage(input: GarbageInput): Promise<PruneOutcome> {
  const { context, object, client, source, stale, signal } = input
  const { engine, foreignIn } = context
  const { namespace = '', name = '' } = object.metadata
  const moved = await newOwners(context, object, source, stale)
  for (const [id, owner] of moved) input.onMoved(id, owner)
  return prune({
    client,
    live: engine.live,
    owner: { namespace, name },
    entries: stale.filter(({ id }) => !moved.has(id)),
    foreignIn: target => foreignIn(target, object),
    signal,
  })
}
