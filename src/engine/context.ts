import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import type { EngineEvent } from './events.ts'
import type { LiveObjects } from './live/live-objects.ts'
import type { ObjectWatches } from './live/object-watches.ts'
import type { EngineMetrics } from './metrics.ts'
import type { RemoteClusters } from './remote/remote-clusters.ts'
import type { Snapshots } from './source/snapshots.ts'
import type { Tenancy } from './tenancy/tenancy.ts'

/** What every part of a running engine works with. */
export interface EngineContext {
  /** Writes only while this engine leads. */
  readonly client: KubeClient
  /** Makes another client write only while this engine leads. */
  readonly guard: (client: KubeClient) => KubeClient
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: EngineMetrics
  readonly live: LiveObjects
  readonly watches: ObjectWatches
  readonly snapshots: Snapshots
  /** Clusters of `spec.kubeConfig`. */
  readonly remotes: RemoteClusters
  /** Who acts as whom. */
  readonly tenancy: Tenancy
  /** Whether an object belongs to this engine's shard; others are read, and left to other engines. */
  readonly owns: (object: KubeObject) => boolean
  /** 0 to 1, for jitter. */
  readonly random: () => number
  /** Reads a Secret afresh: a rotated one is used at the next fetch. */
  readonly readSecret: (namespace: string, name: string) => Promise<KubeObject | undefined>
  /** Tells of an event, to the caller of the engine and to the cluster. */
  readonly emit: (event: EngineEvent, about: KubeObject) => void
}
