import { backoffDelay } from '../../base/backoff.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { type Logger, silentLogger } from '../../base/log.ts'
import { WorkQueue } from '../../engine/queue/work-queue.ts'
import { isConflict } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { WatchCache } from '../../kube/watch/index.ts'
import { redact } from '../../secrets/secret.ts'
import { type Cluster, clusterKind, eksaKinds } from '../../specs/index.ts'
import { BootTimes } from './boot-times.ts'
import { type ClusterKey, type Machinery, nodeRef } from './machinery.ts'
import { clusterKeyOf, clusterLabel, isInNamespace } from './node.ts'
import { reconcileCluster } from './reconcile.ts'

export interface MachinesOptions {
  readonly client: KubeClient
  readonly clock?: Clock
  readonly logger?: Logger
  /** How long a machine takes to become Ready, in milliseconds; 400 when absent. */
  readonly readyAfterMs?: number
  /** Stops acting when aborted; `close` still has to be called. */
  readonly signal?: AbortSignal
}

/** The part that EKS Anywhere's controllers and the infrastructure play in life. */
export interface Machines {
  /** Stops acting and resolves when nothing is in flight any more. */
  close(): Promise<void>
}

/** The wait before a cluster is tried again after a failure. */
const retry = { baseMs: 200, maxMs: 10_000 }

/**
 * Starts to keep Node objects and Cluster statuses in line with Cluster specs. The kinds of EKS Anywhere must be there
 * ({@link installEksaCrds}).
 */
export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const { client, clock = systemClock, logger = silentLogger, readyAfterMs = 400, signal } = options
  signal?.throwIfAborted()
  const cache = new WatchCache(client, { clock, logger })
  const clusters = cache.informer(clusterKind)
  const nodes = cache.informer({ group: '', version: 'v1', kind: 'Node' })
  const around = eksaKinds.filter(kind => kind.kind !== 'Cluster').map(kind => cache.informer(kind))
  const stopWaiting = () => cache.stop()
  signal?.addEventListener('abort', stopWaiting, { once: true })
  await Promise.all([clusters.synced, nodes.synced, ...around.map(informer => informer.synced)])

  const machinery: Machinery = {
    client,
    clock,
    boots: new BootTimes(clock, readyAfterMs),
    sizes: new Map(),
    nodesOf: ({ namespace, name }) =>
      nodes.list().filter(node => node.metadata.labels?.[clusterLabel] === name && isInNamespace(node, namespace)),
    clusterAt: ({ namespace, name }) => clusters.get(namespace, name),
    dependent: ref => cache.get(ref),
    async untilCached(name, present) {
      const isThere = (node: KubeObject | undefined) => (node !== undefined) === present
      await cache.waitFor(nodeRef(name), isThere, AbortSignal.timeout(10_000)).catch(() => undefined)
    },
  }
  const queue = new WorkQueue<'change'>({
    concurrency: 4,
    clock,
    requeueReason: 'change',
    retryMs: failures => backoffDelay(failures, retry),
    async handle(id) {
      const key = parseKey(id)
      const cluster = clusters.get(key.namespace, key.name) as Cluster | undefined
      const next = await reconcileCluster(machinery, key, cluster)
      return next === undefined ? {} : { requeueAfterMs: next }
    },
    onError(id, error) {
      // Somebody else wrote at the same time: the next try has what they wrote.
      if (isConflict(error)) return
      logger.warn('machines of a cluster could not be reconciled', { cluster: id, error: redact(String(error)) })
    },
  })
  const ask = ({ namespace, name }: ClusterKey) => queue.add(`${namespace}/${name}`, 'change')
  const askCluster = ({ metadata }: KubeObject) =>
    ask({ namespace: metadata.namespace ?? 'default', name: metadata.name ?? '' })
  clusters.subscribe(({ type, object }) => {
    askCluster(object)
    // Workload clusters wait for their management cluster.
    if (type !== 'modified') clusters.list().forEach(askCluster)
  })
  nodes.subscribe(({ type, object }) => {
    if (type === 'deleted') machinery.boots.forget(object.metadata.name ?? '')
    const key = clusterKeyOf(object)
    if (key !== undefined) ask(key)
  })
  for (const informer of around) {
    informer.subscribe(({ object }) => clusters.list(object.metadata.namespace).forEach(askCluster))
  }
  clusters.list().forEach(askCluster)
  // Nodes of clusters that went while nobody looked.
  for (const node of nodes.list()) {
    const key = clusterKeyOf(node)
    if (key !== undefined) ask(key)
  }
  let closed: Promise<void> | undefined
  const close = async () => {
    signal?.removeEventListener('abort', stopWaiting)
    const idle = queue.close()
    // Waits for the cache end with it.
    cache.stop()
    await idle
  }
  return { close: () => (closed ??= close()) }
}

function parseKey(id: string): ClusterKey {
  const cut = id.indexOf('/')
  return { namespace: id.slice(0, cut), name: id.slice(cut + 1) }
}
