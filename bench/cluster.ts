import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadKubeConfig } from '../src/kube/client/index.ts'
import { BenchClient } from './cluster-client.ts'
import { measureDeployments, measureLoad } from './cluster-load.ts'
import { type MeasuredProcess, startMeasured } from './cluster-process.ts'
import { measureWatches } from './cluster-watch.ts'
import { percentile } from './stats.ts'
import type { BenchContext, Benchmark, Figure } from './types.ts'

/** What the recorded kube-apiserver took and held, its etcd not counted. */
const recorded = { startMs: 3300, idleMiB: 290, loadedMiB: 600 }
const other = 'a recorded kube-apiserver 1.36'

/** The API server as a process of its own with durable writes, or, with `--kubeconfig`, any other server. */
export const clusterBench: Benchmark = {
  name: 'cluster',
  about: 'the sandbox cluster: requests a second, memory, start, cost of watches (any server with --kubeconfig)',
  async run(context) {
    if (context.kubeconfig !== undefined) return measureServer(context, context.kubeconfig)
    const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
    try {
      const figures = [await startFigure(folder, context)]
      // The recording is of an API server and etcd alone, so the controllers rest while requests are counted.
      const server = await startMeasured(join(folder, 'load'), '--no-controllers')
      try {
        await sleep(3000, undefined, { signal: context.signal })
        figures.push(memoryFigure('memory, idle', server.memory().now, recorded.idleMiB))
        figures.push(...(await measureServer(context, server.kubeconfig, server)))
        await sleep(3000, undefined, { signal: context.signal })
        const { now, peak } = server.memory()
        figures.push(memoryFigure('memory, after load', now, recorded.loadedMiB))
        figures.push(memoryFigure('memory, at most', peak, recorded.loadedMiB))
      } finally {
        await server.stop()
      }
      figures.push(...(await measureControllers(join(folder, 'controllers'), context)))
      return figures
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function measureServer(context: BenchContext, path: string, server?: MeasuredProcess): Promise<Figure[]> {
  const access = await loadKubeConfig({ path, env: {} })
  const load = await measureLoad(access, context)
  const watches = await measureWatches(access, context, server && (() => server.cpuMs()))
  return [...load, ...watches]
}

/** What the controllers add: memory, and what is left for clients while each new Deployment gets its ReplicaSet. */
async function measureControllers(folder: string, context: BenchContext): Promise<Figure[]> {
  const server = await startMeasured(folder)
  try {
    await sleep(3000, undefined, { signal: context.signal })
    const idle = memoryFigure('memory, idle, with controllers', server.memory().now, recorded.idleMiB)
    const access = await loadKubeConfig({ path: server.kubeconfig, env: {} })
    return [idle, await measureDeployments(access, context)]
  } finally {
    await server.stop()
  }
}

/** Start of the process to the first answer over TLS, on a new folder. */
async function startFigure(folder: string, { note, scale }: BenchContext): Promise<Figure> {
  const samples: number[] = []
  const times = Math.max(3, Math.round(10 * Math.min(1, scale)))
  note(`starting ${times} times`)
  for (let i = 0; i < times; i++) {
    const server = await startMeasured(join(folder, `start-${i}`))
    const ready = performance.now()
    const client = await BenchClient.open(await loadKubeConfig({ path: server.kubeconfig, env: {} }), 1)
    await client.ask('GET', '/api/v1/namespaces/default')
    samples.push(server.startMs + performance.now() - ready)
    await client.close()
    await server.stop()
  }
  const value = percentile(samples, 0.5)
  return {
    name: 'process start → first answer',
    value,
    unit: 'ms',
    against: { name: other, ratio: value / recorded.startMs },
  }
}

function memoryFigure(name: string, value: number, theirs: number): Figure {
  return { name, value, unit: 'MiB', against: { name: other, ratio: value / theirs } }
}
