import { systemClock } from '../../../../src/base/clock.ts'
import { singleTenant, startEngine } from '../../../../src/engine/index.ts'
import { createKubeClient, loadKubeConfig } from '../../../../src/kube/client/index.ts'
import type { KubeClient } from '../../../../src/kube/client/types.ts'
import type { ChildOrder } from './engine-process.ts'

// An engine as a process of its own, which can be told to die at one of its effects: argv is kubeconfig, data folder,
// seconds of the lease.
const [kubeconfig = '', dataDir = '', leaseSeconds = '15'] = process.argv.slice(2)
let effects = 0
let deadly: { readonly when: 'before' | 'after'; readonly at: number } | undefined

/** One change of the cluster: counted, and the place to die at. */
async function effect<T>(what: string, work: () => Promise<T>): Promise<T> {
  if (what.startsWith('Lease')) return work()
  const at = ++effects
  if (deadly?.when === 'before' && deadly.at === at) process.kill(process.pid, 'SIGKILL')
  const result = await work()
  if (deadly?.when === 'after' && deadly.at === at) process.kill(process.pid, 'SIGKILL')
  return result
}

function seamed(client: KubeClient): KubeClient {
  const writes = {
    create: (object, options) => effect(object.kind, () => client.create(object, options)),
    replace: (object, options) => effect(object.kind, () => client.replace(object, options)),
    patch: (ref, type, patch, options) => effect(ref.kind, () => client.patch(ref, type, patch, options)),
    apply: (object, options) =>
      options.dryRun ? client.apply(object, options) : effect(object.kind, () => client.apply(object, options)),
    delete: (ref, options) => effect(ref.kind, () => client.delete(ref, options)),
    as: (user, groups) => seamed(client.as(user, groups)),
  } satisfies Partial<KubeClient>
  return new Proxy(client, {
    get: (target, name) => {
      const write = (writes as Record<string | symbol, unknown>)[name]
      if (write !== undefined) return write
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const client = createKubeClient(await loadKubeConfig({ path: kubeconfig, env: {} }), { userAgent: 'sluice-child' })
const durationMs = Number(leaseSeconds) * 1000
const engine = await startEngine({
  client: seamed(client),
  dataDir,
  clock: systemClock,
  tenancy: singleTenant,
  lease: { durationMs, retryMs: Math.min(2000, durationMs / 10) },
})
process.on('message', (order: ChildOrder) => {
  if (order.do === 'push') engine.notifyPush({ url: order.url, ref: 'refs/heads/main' })
  if (order.do === 'die') {
    effects = 0
    deadly = { when: order.when, at: order.at }
  }
  if (order.do === 'count') {
    const since = effects
    if (order.reset) effects = 0
    process.send?.({ effects: since, leading: engine.leading })
  }
})
process.on('disconnect', () => process.exit(0))
process.send?.('started')
