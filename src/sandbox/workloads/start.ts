import { type Clock, systemClock } from '../../base/clock.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { startCronJobs } from './cron-job/controller.ts'
import { startDaemonSets } from './daemon-set/controller.ts'
import { startDeployments } from './deployment/controller.ts'
import { startDisruptionBudgets } from './disruption/controller.ts'
import { startJobs } from './job/controller.ts'
import { startKubelets } from './kubelet/controller.ts'
import { startEndpoints } from './network/controller.ts'
import { startReplicaSets } from './replica-set/controller.ts'
import { startScheduler } from './scheduler/controller.ts'
import { startNodeTaints } from './scheduler/node-taints.ts'
import { World } from './shared/world.ts'
import { startStatefulSets } from './stateful-set/controller.ts'
import { startVolumes } from './volumes/controller.ts'

/** How the controllers are started. */
export interface WorkloadsOptions {
  /** A client that may read and write everything; it stays open when the workloads are closed. */
  readonly client: KubeClient
  /** The time by which everything is done; the real one when absent. */
  readonly clock?: Clock
  /** Told, at level debug, what could not be done at once; nothing when absent. */
  readonly logger?: Logger
  /** Stops everything when aborted, as `close` does. */
  readonly signal?: AbortSignal
  /** How long a pod takes from its node to Ready, in milliseconds; 200 when absent. */
  readonly readyAfterMs?: number
}

/** The running controllers. */
export interface Workloads {
  /** Stops acting and resolves when nothing is in flight any more. Calling it again does nothing. */
  close(): Promise<void>
}

/**
 * Starts what makes a cluster feel alive: the controllers of Deployments, StatefulSets, DaemonSets, Jobs, CronJobs,
 * Services, disruption budgets and claims, a scheduler, and kubelets that make pods Ready without running them.
 * Everything that they know is in the cluster, so they can be stopped and started at any point.
 *
 * @example
 * const workloads = await startWorkloads({ client })
 * // kubectl create deployment web --image=nginx && kubectl rollout status deployment web
 * await workloads.close()
 */
export async function startWorkloads(options: WorkloadsOptions): Promise<Workloads> {
  const { client, clock = systemClock, logger = silentLogger, signal, readyAfterMs = 200 } = options
  signal?.throwIfAborted()
  const end = new AbortController()
  const world = new World({ client, clock, logger, signal: end.signal })
  let closed: Promise<void> | undefined
  const close = () => {
    if (!closed) {
      end.abort()
      signal?.removeEventListener('abort', stop)
      closed = world.close()
    }
    return closed
  }
  const stop = () => void close()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await world.synced()
  } catch (error) {
    await close()
    throw error
  }
  startDeployments(world)
  startReplicaSets(world)
  startStatefulSets(world)
  startDaemonSets(world)
  startJobs(world)
  startCronJobs(world)
  startEndpoints(world)
  startDisruptionBudgets(world)
  startVolumes(world)
  startNodeTaints(world)
  startScheduler(world)
  startKubelets(world, readyAfterMs)
  return { close }
}
