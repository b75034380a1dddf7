import type { Clock } from '../../base/clock.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'

/** On the Lease of an engine: whether it serves the artifacts of its sources (`--storage-addr`). */
export const artifactsAnnotation = 'sluice.dev/artifacts'

/** What a Lease says of its engine's artifacts. */
export function artifactsOf(served: boolean): Readonly<Record<string, string>> {
  return { [artifactsAnnotation]: served ? 'served' : 'not-served' }
}

/**
 * Says how the engines of other shards differ from ours in a way that their objects cannot stand: an artifact that one
 * engine serves is a file of its own, and one that is not served is a Git tree that others fetch for themselves. Undefined
 * when they are alike. Leases whose engine is gone do not count.
 */
export async function differingPeer(
  client: KubeClient,
  clock: Clock,
  own: { readonly namespace: string; readonly name: string },
  served: boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const kind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' }
  const { items } = await client.list(kind, { namespace: own.namespace, signal })
  const ours = artifactsOf(served)[artifactsAnnotation]
  for (const lease of items) {
    const { name = '', annotations } = lease.metadata
    const theirs = annotations?.[artifactsAnnotation]
    if (name === own.name || theirs === undefined || theirs === ours || !isHeld(lease, clock)) continue
    return `this engine ${served ? 'serves' : 'does not serve'} artifacts and the engine of Lease ${own.namespace}/${name} ${served ? 'does not' : 'does'}: objects of one shard cannot be built from sources of the other; give --storage-addr to the engines of all shards, or to none`
  }
  return undefined
}

function isHeld({ spec }: KubeObject, clock: Clock): boolean {
  const {
    holderIdentity,
    renewTime,
    leaseDurationSeconds = 15,
  } = (spec ?? {}) as {
    holderIdentity?: string | null
    renewTime?: string
    leaseDurationSeconds?: number
  }
  const renewed = Date.parse(renewTime ?? '')
  // Clocks of machines differ a little.
  return Boolean(holderIdentity) && clock.now().getTime() - renewed < leaseDurationSeconds * 1000 + 60_000
}
