import { join } from 'node:path'
import { systemClock } from '../../../../src/base/clock.ts'
import type { EngineOptions } from '../../../../src/engine/index.ts'
import { countCalls } from '../../../../src/engine/testing/counting-client.ts'
import { World } from '../../../../src/engine/testing/world.ts'
import { createKubeClient, loadKubeConfig } from '../../../../src/kube/client/index.ts'
import type { KubeClient } from '../../../../src/kube/client/types.ts'
import { startCluster } from '../../../../src/sandbox/cluster/start.ts'
import { startForge } from '../../../../src/sandbox/forge/index.ts'
import { FaultProxy } from './fault-proxy.ts'

/** A world whose engine reaches the API server and the Git host through proxies that can fail. */
export interface FaultyWorld {
  readonly world: World
  readonly api: FaultProxy
  readonly git: FaultProxy
  /** URL of the repository through the proxy. */
  readonly url: string
  /** Starts the engine behind the proxies. */
  start(options?: Partial<EngineOptions>): Promise<void>
  close(): Promise<void>
}

export async function openFaultyWorld(files: Readonly<Record<string, string>>): Promise<FaultyWorld> {
  const world = await World.open({ startCluster, startForge }, files)
  const access = await loadKubeConfig({ path: join(world.dir, 'kubeconfig'), env: {} })
  const api = await FaultProxy.open(access.server, access.tls.ca)
  const forge = new URL(world.url)
  const git = await FaultProxy.open(forge.origin)
  let client: KubeClient | undefined
  return {
    world,
    api,
    git,
    url: `${git.url}${forge.pathname}`,
    async start(options = {}) {
      client = createKubeClient(
        { ...access, server: api.url, tls: { insecure: false } },
        { userAgent: 'sluice', ...(options.clock ? { clock: options.clock } : {}) },
      )
      await world.start({
        client: countCalls(client, world.calls, call => world.beforeCall?.(call)),
        clock: systemClock,
        ...options,
      })
    },
    async close() {
      await world.stop()
      await client?.close()
      await api.close()
      await git.close()
      await world.close()
    },
  }
}
