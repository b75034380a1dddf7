import { setTimeout as sleep } from 'node:timers/promises'
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
  const cluster = await startApiServer(options)
  if (options.controllers === false) return cluster
  const end = new AbortController()
  const signal = options.signal ? AbortSignal.any([end.signal, options.signal]) : end.signal
  const workloads = startControllers(cluster, options, signal)
  workloads.catch((error: unknown) => {
    if (!signal.aborted) options.logger?.error('the workload controllers did not start', { error: String(error) })
  })
  let closed: Promise<void> | undefined
  const close = async () => {
    end.abort()
    await workloads.then(stop => stop()).catch(() => undefined)
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

/** Starts the controllers as clients of the server; resolves with what stops them. */
async function startControllers(
  cluster: SandboxCluster,
  { clock, logger }: ClusterOptions,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  await sleep(workloadDelayMs, undefined, { signal })
  // Loaded only now: a server that runs alone, or has not been asked yet, does without.
  const { fixedCredentials } = await import('../../kube/client/access.ts')
  const { createKubeClient } = await import('../../kube/client/index.ts')
  const { startWorkloads } = await import('../workloads/index.ts')
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
  try {
    const workloads = await startWorkloads({
      client,
      signal,
      ...(clock ? { clock } : {}),
      ...(logger ? { logger } : {}),
    })
    return async () => {
      await workloads.close()
      await client.close()
    }
  } catch (error) {
    await client.close()
    throw error
  }
}
