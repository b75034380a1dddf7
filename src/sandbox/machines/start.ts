import { type Clock, systemClock } from '../../base/clock.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import { isConflict } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import { type Cluster, clusterKind, eksaKinds } from '../../specs/index.ts'
import { KeyedLoop } from './keyed-loop.ts'
import { clusterLabel } from './node.ts'
import { reconcileCluster } from './reconcile.ts'

export interface MachinesOptions {
  readonly client: KubeClient
  readonly clock?: Clock
  readonly logger?: Logger
  /** How long a machine takes to become Ready, in milliseconds; 400 when absent. */
  readonly readyAfterMs?: number
}

/** The part that EKS Anywhere's controllers and the infrastructure play in life. */
export interface Machines {
  /** Stops acting and resolves when nothing is in flight any more. */
  close(): Promise<void>
}

/**
 * Starts to keep Node objects and Cluster statuses in line with Cluster specs. The kinds of EKS Anywhere must be there
 * ({@link installEksaCrds}).
 */
export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const { client, clock = systemClock, logger = silentLogger, readyAfterMs = 400 } = options
  const cache = new WatchCache(client, { clock, logger })
  const clusters = cache.informer(clusterKind)
  const nodes = cache.informer({ group: '', version: 'v1', kind: 'Node' })
  const around = eksaKinds.filter(kind => kind.kind !== 'Cluster').map(kind => cache.informer(kind))
  await Promise.all([clusters.synced, nodes.synced, ...around.map(informer => informer.synced)])
  const nodesOf = (cluster: string) => nodes.list().filter(node => node.metadata.labels?.[clusterLabel] === cluster)
  const seen = async (name: string) => {
    const ref = { group: '', version: 'v1', kind: 'Node', namespace: '', name }
    await cache.waitFor(ref, node => node !== undefined, AbortSignal.timeout(10_000)).catch(() => {})
  }
  const loop: KeyedLoop = new KeyedLoop(
    async key => {
      const cluster = clusters.list().find(one => one.metadata.name === key) as Cluster | undefined
      await reconcileCluster(
        {
          client,
          clock,
          readyAfterMs,
          nodesOf,
          dependent: ref => cache.get(ref),
          seen,
          again: ms => loop.askLater(key, ms),
        },
        key,
        cluster,
      )
    },
    (key, error) => {
      if (!isConflict(error))
        logger.warn('machines of a cluster could not be reconciled', { cluster: key, error: String(error) })
    },
  )
  const askCluster = (object: KubeObject) => loop.ask(object.metadata.name ?? '')
  clusters.subscribe(event => askCluster(event.object))
  nodes.subscribe(event => {
    const cluster = event.object.metadata.labels?.[clusterLabel]
    if (cluster !== undefined) loop.ask(cluster)
  })
  for (const informer of around) informer.subscribe(() => clusters.list().forEach(askCluster))
  const orphans = nodes.list().map(node => node.metadata.labels?.[clusterLabel])
  for (const name of new Set([...clusters.list().map(one => one.metadata.name), ...orphans]))
    if (name !== undefined) loop.ask(name)
  return {
    close: async () => {
      await loop.stop()
      cache.stop()
    },
  }
}
