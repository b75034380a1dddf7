import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { type Logger, silentLogger } from '../base/log.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { firstLists, WatchCache } from '../kube/watch/index.ts'
import type { FleetInformers } from './follow.ts'
import { clusterKind, gitRepositoryKind, kustomizationKind, nodeKind } from './read-fleet.ts'

/** Watches of everything that a fleet is made of. */
export interface FleetWatch {
  readonly informers: FleetInformers
  /** Why the watches bring nothing, in the server's words; undefined while they do. */
  trouble(): string | undefined
  /** Calls the listener when there is a new trouble; returns the function that ends it. */
  onTrouble(listener: () => void): () => void
  stop(): void
}

/** Opens the watches and resolves when each has seen everything once. */
export async function watchFleet(
  client: KubeClient,
  signal: AbortSignal,
  logger: Logger = silentLogger,
): Promise<FleetWatch> {
  let trouble: string | undefined
  const listeners = new Set<() => void>()
  const cache = new WatchCache(client, {
    clock: systemClock,
    logger,
    onTransition: (_, state, error) => {
      // A watch that ends by itself has no error; what the server says now and then (410) mends itself.
      if (state !== 'disconnected' || !(error instanceof SluiceError) || trouble === error.message) return
      trouble = error.message
      for (const listener of listeners) listener()
    },
  })
  const informers: FleetInformers = {
    clusters: cache.informer(clusterKind),
    nodes: cache.informer(nodeKind),
    kustomizations: cache.informer(kustomizationKind),
    sources: cache.informer(gitRepositoryKind),
  }
  const stop = () => cache.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await firstLists(
      client,
      [
        [gitRepositoryKind, informers.sources],
        [kustomizationKind, informers.kustomizations],
        [clusterKind, informers.clusters],
        [nodeKind, informers.nodes],
      ],
      { signal },
    )
  } catch (error) {
    stop()
    throw error
  }
  // Whatever a watch brings shows that the server is back.
  for (const informer of Object.values(informers)) informer.subscribe(() => (trouble = undefined))
  return {
    informers,
    trouble: () => trouble,
    onTrouble: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => {
      signal.removeEventListener('abort', stop)
      stop()
    },
  }
}
