import { type ObjectRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { keyOf } from './facts.ts'
import { inventoryId, parseInventoryEntry } from './inventory.ts'
import { inventoryOf } from './status.ts'

/**
 * An object in a namespace that a Kustomization must not delete with it: one that another Kustomization has applied, or a
 * source or Kustomization that is not its own. Undefined when there is none, as far as the engine knows.
 */
export function foreignIn(
  namespace: string,
  owner: Kustomization,
  kustomizations: readonly Kustomization[],
  sources: readonly KubeObject[],
): ObjectRef | undefined {
  const own = new Set(inventoryOf(owner).map(entry => entry.id))
  const ownKey = keyOf(owner)
  for (const other of kustomizations) {
    if (keyOf(other) === ownKey) continue
    for (const entry of inventoryOf(other)) {
      if (!entry.id.startsWith(`${namespace}_`)) continue
      const ref = parseInventoryEntry(entry)
      if (ref !== undefined && ref.namespace === namespace) return ref
    }
  }
  for (const object of [...kustomizations, ...sources]) {
    if (object.metadata.namespace !== namespace) continue
    const ref = refOf(object)
    const itself = object.kind === 'Kustomization' && keyOf(object) === ownKey
    // While it lives, a Kustomization does not delete the namespace that it stands in.
    if (itself ? owner.metadata.deletionTimestamp === undefined : !own.has(inventoryId(ref))) return ref
  }
  return undefined
}
