import { expect, it, vi } from 'vitest'
import { startCluster } from './start-with-workloads.ts'
import { TestClient } from './testing/http-client.ts'

const deployments = '/apis/apps/v1/namespaces/default/deployments'
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
  },
}

it('makes a Deployment available, and closes with everything at rest', async () => {
  const errors: string[] = []
  const log = (message: string) => void errors.push(message)
  const cluster = await startCluster({ logger: { debug() {}, info() {}, warn: log, error: log } })
  const client = new TestClient(cluster)
  await client.ask({ method: 'POST', path: deployments, body: deployment })
  await vi.waitFor(
    async () => {
      const { status } = (await client.ask({ path: `${deployments}/web` })).json<{ status: Record<string, unknown> }>()
      expect(status['availableReplicas']).toBe(1)
    },
    { timeout: 10_000 },
  )
  client.close()
  await cluster.close()
  expect(errors).toEqual([])
})

it('may be closed before the controllers have begun', async () => {
  const cluster = await startCluster()
  const started = performance.now()
  await cluster.close()
  expect(performance.now() - started).toBeLessThan(1000)
})
