import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { KubeClient } from '../../kube/client/types.ts'
import { startWorkloads } from './start.ts'
import { hasKubectl, startTestCluster } from './testing.ts'

/** A client whose watches run behind by some milliseconds, each event by another time. */
function lagging(client: KubeClient): KubeClient {
  return new Proxy(client, {
    get(target, key) {
      if (key === 'watch') {
        return async function* (...args: Parameters<KubeClient['watch']>) {
          for await (const event of target.watch(...args)) {
            await delay(10 + Math.random() * 40)
            yield event
          }
        }
      }
      const value = Reflect.get(target, key) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const template = (name: string, policy: string) => ({
  metadata: { labels: { app: name } },
  spec: { restartPolicy: policy, containers: [{ name: 'c', image: 'nginx:1' }] },
})

describe.skipIf(!hasKubectl)('controllers whose caches lag behind', () => {
  it('make nothing twice', async () => {
    const sandbox = await startTestCluster()
    await sandbox.workloads.close()
    const workloads = await startWorkloads({ client: lagging(sandbox.client), readyAfterMs: 0 })
    const end = new AbortController()
    const made = new Map<string, number>()
    const watching = (async () => {
      const watch = sandbox.client.watch(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace: 'default', signal: end.signal },
      )
      for await (const { type, object } of watch) {
        const app = object.metadata.labels?.['app'] ?? ''
        if (type === 'ADDED') made.set(app, (made.get(app) ?? 0) + 1)
      }
    })().catch(() => undefined)
    const selector = (name: string) => ({ matchLabels: { app: name } })
    const create = (apiVersion: string, kind: string, name: string, spec: Record<string, unknown>) =>
      sandbox.client.create({ apiVersion, kind, metadata: { name, namespace: 'default' }, spec })
    const set = (name: string) => ({ selector: selector(name), template: template(name, 'Always') })
    await create('apps/v1', 'Deployment', 'web', { replicas: 8, ...set('web') })
    await create('apps/v1', 'StatefulSet', 'db', { replicas: 2, serviceName: 'db', ...set('db') })
    await create('apps/v1', 'DaemonSet', 'agent', set('agent'))
    await create('batch/v1', 'Job', 'job', { completions: 5, parallelism: 3, template: template('job', 'Never') })
    await sandbox.kubectl('wait', '--for=condition=Complete', 'job/job', '--timeout=20s')
    for (const name of ['deployment/web', 'statefulset/db', 'daemonset/agent']) {
      await sandbox.kubectl('rollout', 'status', name, '--timeout=20s')
    }
    expect(Object.fromEntries(made)).toEqual({ web: 8, db: 2, agent: 1, job: 5 })
    const { items } = await sandbox.client.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' })
    expect(items).toHaveLength(1)
    // Nor does anything write when nothing changes.
    const version = async () => (await sandbox.client.list({ apiVersion: 'v1', kind: 'Namespace' })).resourceVersion
    await delay(300)
    const before = await version()
    await delay(700)
    expect(await version()).toBe(before)
    end.abort()
    await watching
    await workloads.close()
    await sandbox.close()
  })
})
