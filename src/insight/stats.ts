import { valueAt } from '../base/json.ts'
import { fluxKinds } from '../fleet/flux-kinds.ts'
import { listIfKnown } from '../fleet/read-fleet.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'

/** How the objects of one kind are doing. An object counts once: suspended before failing before running. */
export interface KindStats {
  readonly kind: string
  readonly running: number
  readonly failing: number
  readonly suspended: number
  /** Bytes of the artifacts of sources; undefined for kinds without artifacts. */
  readonly storageBytes: number | undefined
}

/** Counts every kind of Flux that the server knows. */
export async function readStats(client: KubeClient, signal: AbortSignal): Promise<KindStats[]> {
  return await Promise.all(
    fluxKinds.map(async kind => {
      const objects = await listIfKnown(client, kind, signal)
      const isSuspended = objects.map(one => valueAt(one, ['spec', 'suspend']) === true)
      const suspended = isSuspended.filter(Boolean).length
      const failing = objects.filter(
        (one, i) => !isSuspended[i] && conditionOf(one, 'Ready')?.status === 'False',
      ).length
      const sizes = objects.map(one => Number(valueAt(one, ['status', 'artifact', 'size']) ?? 0))
      return {
        kind: kind.kind,
        running: objects.length - suspended - failing,
        failing,
        suspended,
        storageBytes: kind.role === 'source' ? sizes.reduce((sum, one) => sum + one, 0) : undefined,
      }
    }),
  )
}
