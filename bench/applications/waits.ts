import type { BenchContext, Figure } from '../types.ts'
import { BenchCluster } from './cluster.ts'
import { appNames } from './objects.ts'
import { MeasuredClient } from './process.ts'
import { openRepository } from './repository.ts'

const size = 100
const chainLength = 20

/** What waits cost: a chain of dependsOn, and one application among many that never becomes healthy. */
export async function measureWaits(folder: string, { note, kubeconfig, signal }: BenchContext): Promise<Figure[]> {
  const apps = appNames(size)
  const cluster = await BenchCluster.open(folder, kubeconfig)
  const engine = await MeasuredClient.start('engine', cluster.kubeconfig)
  const repository = await openRepository(folder, push => engine.push(push))
  const timed = async (names: readonly string[], spec: (at: number) => Record<string, unknown>): Promise<number> => {
    const started = performance.now()
    const ready = cluster.ready(names, undefined, signal)
    await cluster.applyKustomizations(apps.slice(0, Math.max(names.length, apps.indexOf(names.at(-1)!) + 1)), spec)
    await ready
    return performance.now() - started
  }
  const again = async (): Promise<void> => {
    await cluster.clear()
    await cluster.openNamespace()
    await cluster.applySource(repository.url)
    await engine.ask({ do: 'quiet' })
  }
  try {
    await repository.write([...apps, 'never'], '100m')
    await repository.commit({ 'apps/never/app.yaml': neverHealthy })
    await again()
    note('all of 100 healthy')
    await timed(apps, () => ({}))
    await again()
    const healthy = await timed(apps.slice(1), () => ({}))
    await again()
    note('one of 100 never healthy')
    const others = await timed(apps.slice(1), at => (at === 0 ? { path: './apps/never' } : {}))
    await again()
    note(`a chain of ${chainLength}`)
    let parts = 0
    for (const app of apps.slice(0, chainLength)) parts += await one(cluster, app, signal)
    await again()
    const chain = apps.slice(0, chainLength)
    const chained = await timed(chain, at => (at === 0 ? {} : { dependsOn: [{ name: apps[at - 1] }] }))
    return [
      { name: `${size - 1} applications, all healthy`, value: healthy, unit: 'ms' },
      {
        name: `${size - 1} applications beside one that is never healthy`,
        value: others,
        unit: 'ms',
        against: { name: 'all healthy', ratio: others / healthy },
      },
      { name: `${chainLength} applications one after the other`, value: parts, unit: 'ms' },
      {
        name: `${chainLength} applications, each dependsOn the one before`,
        value: chained,
        unit: 'ms',
        against: { name: 'one after the other', ratio: chained / parts },
      },
    ]
  } finally {
    await engine.stop()
    await repository.close()
    if (kubeconfig !== undefined) await cluster.clear()
    await cluster.close()
  }
}

async function one(cluster: BenchCluster, app: string, signal: AbortSignal): Promise<number> {
  const started = performance.now()
  const ready = cluster.ready([app], undefined, signal)
  await cluster.applyKustomizations([app])
  await ready
  return performance.now() - started
}

/** A pod that no node can take. */
const neverHealthy = `apiVersion: v1
kind: Pod
metadata:
  name: never
  namespace: sluice-bench
spec:
  nodeSelector:
    sluice.dev/no-such-node: 'true'
  containers:
    - name: main
      image: registry.k8s.io/pause:3.10
`
