import { setTimeout as sleep } from 'node:timers/promises'
import { fixedCredentials } from '../../kube/client/access.ts'
import { createKubeClient } from '../../kube/client/index.ts'
import type { Workloads } from '../workloads/index.ts'
import type { ClusterOptions } from './options.ts'
import { type SandboxCluster, startCluster as startApiServer } from './start.ts'

/**
 * Connections of the workload controllers. Two keep them busy; each more is one more client beside those of the user:
 * with 32 of them a rate of 1 400 new Deployments a second falls to 250.
 */
const workloadConnections = 2

/** Milliseconds before the controllers load and list: the first requests of whoever waits for the server come first. */
const workloadDelayMs = 100

/**
 * Starts a Kubernetes API server in this process, with the controllers of workloads unless `controllers` is false: pods
 * become Ready without running anything. The controllers begin a moment after the server answers.
 *
 * @example
 * const cluster = await startCluster({ dataDir: '.sluice/cluster', kubeconfigPath: '.sluice/kubeconfig' })
 * // KUBECONFIG=.sluice/kubeconfig kubectl create deployment web --image=nginx
 * await cluster.close()
 */
export async function startCluster(options: ClusterOptions = {}): Promise<SandboxCluster> {
  const { clock, logger, signal } = options
  const cluster = await startApiServer(options)
  if (options.controllers === false) return cluster
  const stop = new AbortController()
  const client = createKubeClient(
    {
      name: 'sandbox',
      server: cluster.url,
      namespace: 'default',
      tls: { ca: cluster.caPem, insecure: false },
      credentials: fixedCredentials({ token: cluster.adminToken }),
    },
    { userAgent: 'kube-controller-manager', connections: workloadConnections },
  )
  const start = async (): Promise<Workloads> => {
    await sleep(workloadDelayMs, undefined, { signal: stop.signal })
    const { startWorkloads } = await import('../workloads/index.ts')
    return await startWorkloads({
      client,
      signal: signal ? AbortSignal.any([stop.signal, signal]) : stop.signal,
      ...(clock ? { clock } : {}),
      ...(logger ? { logger } : {}),
    })
  }
  const workloads = start()
  workloads.catch((error: unknown) => {
    if (!stop.signal.aborted && !signal?.aborted)
      logger?.error('the workload controllers did not start', { error: String(error) })
  })
  let closed: Promise<void> | undefined
  const close = async () => {
    stop.abort()
    await workloads.then(running => running.close()).catch(() => undefined)
    await client.close()
    await cluster.close()
  }
  return {
    ...cluster,
    close() {
      closed ??= close()
      return closed
    },
  }
}
