import { SluiceError } from '../../base/errors/index.ts'
import { parseInventoryEntry } from '../../engine/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { refKey } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Kustomization } from '../../specs/index.ts'

/** Objects asked about at once. */
const parallel = 8

/** The UID of everything in a Kustomization's inventory that is in the cluster, by reference. */
export async function inventoryUids(
  client: KubeClient,
  kustomization: KubeObject,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const entries = [...((kustomization as Kustomization).status?.inventory?.entries ?? [])]
  const found = new Map<string, string>()
  const runner = async (): Promise<void> => {
    for (let entry = entries.shift(); entry !== undefined; entry = entries.shift()) {
      const ref = parseInventoryEntry(entry)
      const live = ref && (await client.find(ref, { signal }))
      if (ref && live?.metadata.uid !== undefined) found.set(refKey(ref), live.metadata.uid)
    }
  }
  await Promise.all(Array.from({ length: parallel }, runner))
  return found
}

/** Fails with E_GITOPS_OBJECTS_CHANGED unless every object is there, and is the one that it was. */
export function refuseOthers(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
  const lost = [...before].filter(([key, uid]) => after.get(key) !== uid)
  const [first] = lost
  if (first === undefined) return
  throw new SluiceError('E_GITOPS_OBJECTS_CHANGED', {
    object: first[0],
    expected: `the object with UID ${first[1]}`,
    seen: `${after.get(first[0]) ?? 'none'}${lost.length > 1 ? `, and ${lost.length - 1} more` : ''}`,
  })
}
