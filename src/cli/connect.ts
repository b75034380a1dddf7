import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { version } from '../base/version.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { ClusterOptions } from './commands/command.ts'
import type { CliIo } from './io.ts'

/** A cluster that a command talks to, and how it was found. */
export interface ConnectedCluster {
  readonly client: KubeClient
  /** Whether it is the sandbox of the data folder. */
  readonly sandbox: boolean
  readonly dataDir: string
}

/**
 * Connects to the cluster that the options, the environment and the folder name, in this order: --kubeconfig, $KUBECONFIG,
 * the sandbox of the data folder, ~/.kube/config. What a person set on purpose wins over what happens to lie here.
 *
 * @throws E_NO_CONTEXT, E_KUBE_…
 */
export async function connectCluster(options: ClusterOptions, io: CliIo): Promise<ConnectedCluster> {
  const { createKubeClient, loadKubeConfig } = await import('../kube/client/index.ts')
  const dataDir = resolve(io.cwd, options.data)
  const sandboxConfig = join(dataDir, 'kubeconfig')
  const explicit = options.kubeconfig === undefined ? undefined : resolve(io.cwd, options.kubeconfig)
  const named = explicit !== undefined || Boolean(io.env['KUBECONFIG'])
  const sandbox = explicit === sandboxConfig || (!named && existsSync(sandboxConfig))
  const path = explicit ?? (sandbox ? sandboxConfig : undefined)
  const access = await loadKubeConfig({
    env: io.env,
    ...(path === undefined ? {} : { path }),
    ...(options.context === undefined ? {} : { context: options.context }),
  }).catch((error: unknown) => {
    const missing = error instanceof SluiceError && error.code === 'E_KUBECONFIG_MISSING' && !named
    throw missing ? new SluiceError('E_NO_CONTEXT', { cause: error }) : error
  })
  const client = createKubeClient(access, { userAgent: `sluice/${version}`, clock: systemClock })
  return { client, sandbox, dataDir }
}

/** Runs `work` with a connected cluster and closes the connection whatever happens. */
export async function withCluster<T>(
  options: ClusterOptions,
  io: CliIo,
  work: (cluster: ConnectedCluster) => Promise<T>,
): Promise<T> {
  const cluster = await connectCluster(options, io)
  try {
    return await work(cluster)
  } finally {
    await cluster.client.close()
  }
}
