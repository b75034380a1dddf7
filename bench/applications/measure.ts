import type { BenchContext } from '../types.ts'
import { BenchCluster } from './cluster.ts'
import { appNames, appsNamespace, warmCount, warmNamespace } from './objects.ts'
import { MeasuredClient, type Usage } from './process.ts'
import { type AppRepository, openRepository } from './repository.ts'

/** One stretch of work. */
export interface Phase {
  readonly ms: number
  /** Processor time of the engine or bare client, and of the sandbox's API server, in milliseconds. */
  readonly cpuMs: number
  readonly serverCpuMs: number
  readonly calls: Usage['calls']
}

export interface BareRun {
  readonly install: Phase
  readonly change: Phase
}

/** The bare client makes all applications, then changes all. */
export async function measureBare(folder: string, size: number, context: BenchContext): Promise<BareRun> {
  const cluster = await BenchCluster.open(folder, context.kubeconfig)
  const client = await MeasuredClient.start('bare', cluster.kubeconfig)
  try {
    await cluster.openNamespace(warmNamespace)
    await client.ask({ do: 'apply', count: warmCount, cpu: '100m', namespace: warmNamespace })
    await cluster.clear(warmNamespace)
    await cluster.openNamespace()
    const phase = phases(cluster, client)
    const apply = (cpu: string) => phase(() => client.ask({ do: 'apply', count: size, cpu, namespace: appsNamespace }))
    context.note(`bare client: ${size} applications`)
    return { install: await apply('100m'), change: await apply('200m') }
  } finally {
    await client.stop()
    if (context.kubeconfig !== undefined) await cluster.clear()
    await cluster.close()
  }
}

export interface EngineRun {
  readonly install: Phase
  readonly change: Phase
  /** How much of the change was the commit and its push. */
  readonly pushMs: number
  /** One application changes, until it is Ready. */
  readonly one: Phase
  /** What is done afterwards for what changed and its source, and for the others. */
  readonly rest: Usage['calls']
  readonly others: Usage['calls']
  /** A look at all when nothing has changed. */
  readonly pass: { readonly calls: Usage['calls']; readonly cpuMsEachHundred: number }
  readonly peakMiB: number
  readonly serverPeakMiB: number
}

/** The engine makes all applications, changes all, changes one, and looks at all once more. */
export async function measureEngine(folder: string, size: number, context: BenchContext): Promise<EngineRun> {
  const { note, signal } = context
  const apps = appNames(size)
  const cluster = await BenchCluster.open(folder, context.kubeconfig)
  let repository: AppRepository | undefined
  let engine: MeasuredClient | undefined
  try {
    if (await cluster.hasFlux()) throw new Error('Flux runs on this cluster: two engines would act on the same objects')
    engine = await MeasuredClient.start('engine', cluster.kubeconfig)
    repository = await openRepository(folder, push => engine?.push(push))
    await repository.write(size < warmCount ? appNames(warmCount) : apps, '100m')
    await warmUp(cluster, repository.url, signal)
    await cluster.openNamespace()
    await cluster.applySource(repository.url)
    await engine.ask({ do: 'quiet' })
    const phase = phases(cluster, engine)
    note(`engine: ${size} applications appear`)
    const install = await phase(async () => {
      const ready = cluster.ready(apps, undefined, signal)
      await cluster.applyKustomizations(apps)
      await ready
    })
    await engine.ask({ do: 'quiet' })
    note('engine: all change')
    let pushMs = 0
    const change = await phase(async () => {
      const started = performance.now()
      const commit = await repository!.write(apps, '200m')
      pushMs = performance.now() - started
      await cluster.ready(apps, commit, signal)
    })
    await engine.ask({ do: 'quiet', forMs: 1000 })
    note('engine: one changes')
    const changed = apps[size >> 1]!
    const one = await phase(async () => {
      await cluster.ready([changed], await repository!.write([changed], '300m'), signal)
    })
    // The source has a name of its own. Those whom a commit does not concern take up to three seconds to say so.
    const after = await engine.ask({ do: 'quiet', forMs: 3500, about: [changed, 'apps'] })
    note('engine: a pass over what is unchanged')
    const before = await engine.ask({ do: 'usage' })
    const pass = await engine.ask({ do: 'pass', count: size })
    return {
      install,
      change,
      pushMs,
      one,
      rest: after.about,
      others: without(after.calls, after.about),
      pass: { calls: pass.calls, cpuMsEachHundred: ((pass.cpuMs - before.cpuMs) / size) * 100 },
      peakMiB: pass.peakMiB,
      serverPeakMiB: cluster.server?.memory().peak ?? Number.NaN,
    }
  } finally {
    await engine?.stop()
    await repository?.close()
    if (context.kubeconfig !== undefined) await cluster.clear()
    await cluster.close()
  }
}

/** What is compiled and connected at the first use is no part of what is measured, neither here nor for the bare client. */
async function warmUp(cluster: BenchCluster, url: string, signal: AbortSignal): Promise<void> {
  const apps = appNames(warmCount)
  await cluster.openNamespace(warmNamespace)
  await cluster.applySource(url, warmNamespace)
  const ready = cluster.ready(apps, undefined, signal, warmNamespace)
  await cluster.applyKustomizations(apps, () => ({}), warmNamespace)
  await ready
  await cluster.clear(warmNamespace)
}

/** Measures work as a phase: time, processor time, calls. The calls of work that goes on belong to the next phase. */
function phases(cluster: BenchCluster, client: MeasuredClient) {
  return async (work: () => Promise<unknown>): Promise<Phase> => {
    const before = await client.ask({ do: 'usage' })
    const serverBefore = cluster.server?.cpuMs() ?? Number.NaN
    const started = performance.now()
    const result = await work()
    const ms = performance.now() - started
    const serverCpuMs = (cluster.server?.cpuMs() ?? Number.NaN) - serverBefore
    const after = isUsage(result) ? result : await client.ask({ do: 'usage' })
    return { ms, cpuMs: after.cpuMs - before.cpuMs, serverCpuMs, calls: after.calls }
  }
}

function without(calls: Usage['calls'], some: Usage['calls']): Usage['calls'] {
  const left = Object.entries(calls).map(([verb, count]) => [verb, count - (some[verb] ?? 0)] as const)
  return Object.fromEntries(left.filter(([, count]) => count > 0))
}

function isUsage(value: unknown): value is Usage {
  return typeof value === 'object' && value !== null && 'cpuMs' in value
}
