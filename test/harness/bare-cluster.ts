import { createKubeClient, fixedCredentials } from '../../src/kube/client/index.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { startCluster } from '../../src/sandbox/cluster/start.ts'

/** An API server without controllers, and in it the namespace of the engine. */
export async function startBareCluster(
  namespace: string,
): Promise<{ readonly client: KubeClient; close(): Promise<void> }> {
  const cluster = await startCluster({ controllers: false })
  const client = createKubeClient(
    {
      ...{ name: 'test', server: cluster.url, namespace: 'default' },
      tls: { ca: cluster.caPem, insecure: false },
      credentials: fixedCredentials({ token: cluster.adminToken }),
    },
    { userAgent: 'test' },
  )
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  return {
    client,
    async close() {
      await client.close()
      await cluster.close()
    },
  }
}
