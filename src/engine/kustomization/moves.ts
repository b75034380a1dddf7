import { refOf } from '../../kube/identity.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { decryptionOf } from '../decrypt/decryption.ts'
import { clusterKeyOf } from '../remote/target.ts'
import { buildObjects } from './build.ts'
import type { KustomizationContext } from './context.ts'
import { keyOf, sourceRefKey, sourceRefOf } from './facts.ts'
import { type InventoryEntry, inventoryId } from './inventory.ts'
import { checkPath, pathInSource } from './path.ts'
import type { ResolvedSource } from './source.ts'
import { inventoryOf } from './status.ts'
import { collectVariables } from './variables.ts'

/**
 * Objects that another Kustomization has or is about to take over, by inventory id, with that Kustomization's key. Moving
 * a file from one folder to another is no deletion: whichever of the two is worked on first, the object stays. To know
 * it, others of the same source that have not applied the revision yet are built, which costs no call to the cluster.
 */
export async function newOwners(
  context: KustomizationContext,
  owner: Kustomization,
  source: ResolvedSource,
  stale: readonly InventoryEntry[],
): Promise<Map<string, string>> {
  const claims = new Map<string, string>()
  const open = new Set(stale.map(({ id }) => id))
  const claim = (id: string, key: string): void => {
    if (open.delete(id)) claims.set(id, key)
  }
  const others = context.listKustomizations().filter(other => {
    return (
      keyOf(other) !== keyOf(owner) &&
      clusterKeyOf(other) === clusterKeyOf(owner) &&
      other.metadata.deletionTimestamp === undefined
    )
  })
  for (const other of others) for (const { id } of inventoryOf(other)) claim(id, keyOf(other))
  const sourceKey = sourceRefKey(sourceRefOf(owner))
  for (const other of others) {
    if (open.size === 0) break
    const behind = other.status?.lastAppliedRevision !== source.revision
    if (!behind || sourceRefKey(sourceRefOf(other)) !== sourceKey) continue
    for (const id of await idsOf(context, other, source)) claim(id, keyOf(other))
  }
  return claims
}

/** What a Kustomization will hold; nothing when it cannot be built: then it takes nothing over either. */
async function idsOf(context: KustomizationContext, other: Kustomization, source: ResolvedSource): Promise<string[]> {
  try {
    const folder = pathInSource(other.spec.path)
    await checkPath(source.tree, folder, other.spec.path)
    const read = context.readVariables(other)
    const variables = await collectVariables(other, read)
    const objects = await buildObjects(source.tree, folder, other, variables, await decryptionOf(other, read))
    return objects.map(object => inventoryId(refOf(object)))
  } catch {
    return []
  }
}
