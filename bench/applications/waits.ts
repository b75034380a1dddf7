import { percentile } from '../stats.ts'
import type { BenchContext, Figure } from '../types.ts'
import { BenchCluster } from './cluster.ts'
import { appNames } from './objects.ts'
import { MeasuredClient } from './process.ts'
import { measurePushes } from './pushes.ts'
import { openRepository } from './repository.ts'

const size = 100
const chainLength = 20
/** How often an installation with one that is never healthy takes turns with one without. */
const turns = 3

/** What waits cost: from a push on, in a chain of dependsOn, and beside one application that never becomes healthy. */
export async function measureWaits(folder: string, context: BenchContext): Promise<Figure[]> {
  const { note, kubeconfig, signal } = context
  const apps = appNames(size)
  const cluster = await BenchCluster.open(folder, kubeconfig)
  const engine = await MeasuredClient.start('engine', cluster.kubeconfig)
  let pushedAt = 0
  const repository = await openRepository(folder, push => {
    pushedAt = performance.now()
    engine.push(push)
  })
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
    note(`all of ${size} healthy`)
    await timed(apps, () => ({}))
    await engine.ask({ do: 'quiet' })
    note('pushes to one after the other')
    const pushes = await measurePushes({ cluster, repository, engine, pushedAt: () => pushedAt }, apps, context)
    const healthy: number[] = []
    const beside: number[] = []
    for (let turn = 0; turn < turns; turn++) {
      note(`${size - 1} healthy, then ${size - 1} beside one that never is`)
      await again()
      healthy.push(await timed(apps.slice(1), () => ({})))
      await again()
      beside.push(await timed(apps.slice(1), at => (at === 0 ? { path: './apps/never' } : {})))
    }
    await again()
    note(`a chain of ${chainLength}`)
    let parts = 0
    for (const app of apps.slice(0, chainLength)) parts += await one(cluster, app, signal)
    await again()
    const chain = apps.slice(0, chainLength)
    const chained = await timed(chain, at => (at === 0 ? {} : { dependsOn: [{ name: apps[at - 1] }] }))
    return [
      ...pushFigures(pushes),
      ...neverFigures(healthy, beside),
      { name: `${chainLength} applications one after the other`, value: parts, unit: 'ms' },
      {
        name: `${chainLength} applications, each dependsOn the one before`,
        value: chained,
        unit: 'ms',
        against: { name: 'one after the other', ratio: chained / parts },
        goal: { wanted: 'the sum of the parts and less than 2 s', met: chained < parts + 2000 },
      },
    ]
  } finally {
    await engine.stop()
    await repository.close()
    if (kubeconfig !== undefined) await cluster.clear()
    await cluster.close()
  }
}

function pushFigures(samples: readonly number[]): Figure[] {
  const p50 = percentile(samples, 0.5)
  return [
    {
      name: 'push → applied, with a webhook, p50',
      value: p50,
      unit: 'ms',
      goal: { wanted: 'less than 300 ms', met: p50 < 300 },
    },
    { name: 'push → applied, with a webhook, p95', value: percentile(samples, 0.95), unit: 'ms' },
  ]
}

/** A delay is nothing measurable when the usual time is within what runs without that application take. */
function neverFigures(healthy: readonly number[], beside: readonly number[]): Figure[] {
  const usual = percentile(beside, 0.5)
  const slowest = Math.max(...healthy)
  return [
    { name: `${size - 1} applications, all healthy, fastest of ${turns}`, value: Math.min(...healthy), unit: 'ms' },
    { name: `${size - 1} applications, all healthy, slowest of ${turns}`, value: slowest, unit: 'ms' },
    {
      name: `${size - 1} applications beside one that is never healthy, median of ${turns}`,
      value: usual,
      unit: 'ms',
      against: { name: 'all healthy (median)', ratio: usual / percentile(healthy, 0.5) },
      goal: { wanted: 'within what runs without it take', met: usual <= slowest },
    },
  ]
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
