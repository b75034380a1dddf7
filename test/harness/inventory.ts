import { parseInventoryEntry } from '../../src/engine/index.ts'
import { refKey } from '../../src/kube/identity.ts'
import type { Kustomization } from '../../src/specs/index.ts'
import { rootKustomization } from './eksa-repository.ts'
import type { LocalFixture } from './local-fixture.ts'

/** Waits until the fleet's Kustomization has applied a revision that ends like this, and gives it. */
export async function applied({ system }: LocalFixture, revision: string): Promise<Kustomization> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const found = (await system.client.find(rootKustomization)) as Kustomization | undefined
    const ready = found?.status?.conditions?.find(one => one.type === 'Ready')
    if (ready?.status === 'True' && found?.status?.lastAppliedRevision?.endsWith(revision)) return found
    if (performance.now() > deadline) throw new Error(`not applied: ${JSON.stringify(found?.status, null, 1)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** The UID of everything that the fleet's Kustomization applied, and of the two objects that follow Git. */
export async function uids({ system }: LocalFixture): Promise<Record<string, string>> {
  const root = (await system.client.get(rootKustomization)) as Kustomization
  const found: Record<string, string> = {}
  for (const entry of root.status?.inventory?.entries ?? []) {
    const ref = parseInventoryEntry(entry)
    if (!ref) continue
    found[refKey(ref)] = (await system.client.get(ref)).metadata.uid ?? ''
  }
  return found
}
