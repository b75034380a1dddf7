import { isConflict, isNotFound } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { formatRef, type ObjectRef } from '../../kube/identity.ts'
import type { ObjectChange } from '../events.ts'
import { messageOf } from '../failure.ts'
import type { LiveObjects } from '../live/live-objects.ts'
import { type InventoryEntry, parseInventoryEntry } from './inventory.ts'
import { isOwnedBy, keepsFromPruning, type Owner } from './owner.ts'
import type { FindForeign } from './prune-guard.ts'
import { kindRank } from './stages.ts'

export interface PruneInput {
  readonly client: KubeClient
  readonly live: LiveObjects
  readonly owner: Owner
  /** What is no longer wanted. */
  readonly entries: readonly InventoryEntry[]
  readonly foreignIn: FindForeign
  readonly signal: AbortSignal
}

export interface PruneOutcome {
  readonly changes: readonly ObjectChange[]
  /** Entries that could not be deleted: they stay in the inventory and are tried again. */
  readonly kept: readonly InventoryEntry[]
  /** Why, one line per kept entry. */
  readonly failures: readonly string[]
}

const parallel = 8

/**
 * Deletes objects that are no longer wanted, webhooks first and definitions last. Only an object that still carries the
 * owner's labels is deleted; a Namespace in which others have objects is kept.
 */
export async function prune(input: PruneInput): Promise<PruneOutcome> {
  const changes: ObjectChange[] = []
  const kept: InventoryEntry[] = []
  const failures: string[] = []
  const groups = new Map<number, { entry: InventoryEntry; ref: ObjectRef }[]>()
  for (const entry of input.entries) {
    const ref = parseInventoryEntry(entry)
    if (ref === undefined) continue
    const rank = kindRank(ref.kind)
    groups.set(rank, [...(groups.get(rank) ?? []), { entry, ref }])
  }
  for (const [, group] of [...groups].sort(([a], [b]) => b - a)) {
    const queue = [...group]
    const runner = async (): Promise<void> => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        try {
          if (await pruneOne(input, item.ref)) changes.push({ ref: item.ref, action: 'deleted' })
        } catch (error) {
          kept.push(item.entry)
          failures.push(`${formatRef(item.ref)} delete failed: ${messageOf(error)}`)
        }
      }
    }
    await Promise.all(Array.from({ length: Math.min(parallel, group.length) }, runner))
  }
  return { changes, kept, failures }
}

/** Deletes one object; false when there was nothing to delete, or nothing that is ours to delete. */
async function pruneOne(input: PruneInput, ref: ObjectRef): Promise<boolean> {
  const { client, live, owner, signal } = input
  const served = await servedAs(client, ref, signal)
  // The kind is gone, and its objects with it. A discovery that fails throws instead.
  if (served === undefined) return false
  await live.ensure(served)
  let object = live.knows(served) ? live.get(served)?.object : await client.find(served, { signal })
  for (let attempt = 1; ; attempt++) {
    if (object === undefined || !isOwnedBy(object, owner) || keepsFromPruning(object)) return false
    if (object.metadata.deletionTimestamp !== undefined) return false
    const foreign = ref.kind === 'Namespace' && ref.group === '' ? input.foreignIn(ref.name) : undefined
    if (foreign !== undefined) {
      throw new Error(`the namespace also holds ${formatRef(foreign)}, which does not belong to this Kustomization`)
    }
    // Only the very reading that was judged may be deleted: a watch can be behind somebody who takes the object over.
    const { uid, resourceVersion } = object.metadata
    const preconditions = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
    try {
      return await client.delete(served, { propagationPolicy: 'Background', preconditions, signal })
    } catch (error) {
      if (isNotFound(error)) return false
      if (!isConflict(error) || attempt >= 5) throw error
      object = await client.find(served, { signal })
    }
  }
}

/** The object in a version that the server has; the one in the inventory may be long out of service. */
async function servedAs(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<ObjectRef | undefined> {
  if ((await client.resourceFor(ref, { signal })) !== undefined) return ref
  const resources = await client.resources({ signal })
  const other = resources.find(resource => resource.group === ref.group && resource.kind === ref.kind)
  return other && { ...ref, version: other.version }
}
