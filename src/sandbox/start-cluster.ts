import { systemClock } from '../base/clock.ts'
import { silentLogger } from '../base/log.ts'
import { version } from '../base/version.ts'
import { type ClusterAccess, createKubeClient, fixedCredentials } from '../kube/client/index.ts'
import type { ClusterOptions } from './cluster/options.ts'
import { type SandboxCluster, startCluster as startApiServer } from './cluster/start.ts'
import { startWorkloads } from './workloads/index.ts'

/**
 * Starts a Kubernetes cluster in this process: an API server, and controllers that make it feel alive (workloads get pods,
 * pods become Ready without running anything) unless `controllers` is false. It answers as soon as this resolves; the
 * controllers take up their work beside it.
 *
 * @example
 * import { startCluster } from 'sluice/sandbox'
 * const cluster = await startCluster({ kubeconfigPath: 'kubeconfig' })
 * // kubectl --kubeconfig kubeconfig create deployment web --image nginx
 * await cluster.close()
 */
export async function startCluster(options: ClusterOptions = {}): Promise<SandboxCluster> {
  const server = await startApiServer(options)
  if (options.controllers === false) return server
  const { clock = systemClock, logger = silentLogger } = options
  const client = createKubeClient(accessTo(server), { userAgent: `sluice-controllers/${version}`, clock, logger })
  const workloads = startWorkloads({ client, clock, logger })
  workloads.catch(error => logger.error('the workload controllers did not start', { error: String(error) }))
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      await workloads.then(
        running => running.close(),
        () => {},
      )
      await client.close()
      await server.close()
    })()
    return closing
  }
  options.signal?.addEventListener('abort', () => void close(), { once: true })
  return { ...server, close }
}

function accessTo({ url, caPem, adminToken }: SandboxCluster): ClusterAccess {
  return {
    name: 'sandbox',
    server: url,
    namespace: 'default',
    tls: { ca: caPem, insecure: false },
    credentials: fixedCredentials({ token: adminToken }),
  }
}
