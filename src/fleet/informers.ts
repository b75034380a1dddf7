import { systemClock } from '../base/clock.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { WatchCache } from '../kube/watch/index.ts'
import type { FleetInformers } from './follow.ts'
import { clusterKind, gitRepositoryKind, kustomizationKind, nodeKind } from './read-fleet.ts'

/** Watches of everything that a fleet is made of. */
export interface FleetWatch {
  readonly informers: FleetInformers
  stop(): void
}

/** Opens the watches and resolves when each has seen everything once. */
export async function watchFleet(
  client: KubeClient,
  signal: AbortSignal,
  logger: Logger = silentLogger,
): Promise<FleetWatch> {
  const cache = new WatchCache(client, { clock: systemClock, logger })
  const informers: FleetInformers = {
    clusters: cache.informer(clusterKind),
    nodes: cache.informer(nodeKind),
    kustomizations: cache.informer(kustomizationKind),
    sources: cache.informer(gitRepositoryKind),
  }
  const stop = () => cache.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.race([Promise.all(Object.values(informers).map(one => one.synced)), aborted(signal)])
  } catch (error) {
    stop()
    throw error
  }
  return {
    informers,
    stop: () => {
      signal.removeEventListener('abort', stop)
      stop()
    },
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
