import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { GraphWatch } from '../insight/graph/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { ClusterCache } from './cluster-cache.ts'
import type { LiveHub } from './live/hub.ts'

/** Watches what the engine does in the cluster, and tells the pages: at most once a second, whatever happens. */
export function watchReconciliation(
  client: KubeClient,
  cluster: ClusterCache,
  clock: Clock,
  logger: Logger,
  live: LiveHub,
): GraphWatch {
  const watch = new GraphWatch(client, cluster, clock, logger)
  // It says that something changed, and no more: what somebody may see of it, they ask for.
  watch.onChange(() => live.publish({ topic: 'reconciliation' }))
  return watch
}
