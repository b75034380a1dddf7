import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BenchCluster } from './applications/cluster.ts'
import { appNames, appsNamespace, warmCount, warmNamespace } from './applications/objects.ts'
import { MeasuredClient, type Usage } from './applications/process.ts'
import { type AppRepository, openRepository } from './applications/repository.ts'
import { measureWaits } from './applications/waits.ts'
import type { BenchContext, Benchmark, Figure } from './types.ts'

const sizes = [100, 500, 1000]
const bareName = 'bare client'

/**
 * The shape of flux-benchmark, in one repository. The bare client is the limit: a process of its own that applies the
 * same four objects of each application with the same HTTP client, 32 calls at once, without a dry run, and waits until
 * the same controllers have made every Deployment healthy. Both are warm: each has made and removed 50 others before. The engine's time runs from the first Kustomization that is
 * written, so it also holds the N Kustomizations that appear, and their statuses.
 */
export const applicationsBench: Benchmark = {
  name: 'applications',
  about:
    '100, 500 and 1000 applications appear, all change, one changes; beside a bare client (any server: --kubeconfig)',
  async run(context) {
    const figures: Figure[] = []
    for (const size of context.sizes ?? sizes.map(one => Math.max(5, Math.round(one * context.scale)))) {
      figures.push(...(await inFolder(folder => measure(folder, size, context))))
    }
    if (context.sizes === undefined) figures.push(...(await inFolder(folder => measureWaits(folder, context))))
    return figures
  },
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string, size: number, context: BenchContext): Promise<Figure[]> {
  const { note, signal } = context
  const apps = appNames(size)
  const bare = await measureBare(join(folder, 'bare'), size, context)
  const cluster = await BenchCluster.open(join(folder, 'engine'), context.kubeconfig)
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
    const all = await phase(async () => cluster.ready(apps, await repository!.write(apps, '200m'), signal))
    await engine.ask({ do: 'quiet' })
    note('engine: one changes')
    const one = await phase(async () => {
      const changed = apps[size >> 1]!
      await cluster.ready([changed], await repository!.write([changed], '300m'), signal)
    })
    const rest = await engine.ask({ do: 'quiet' })
    note('engine: a pass over what is unchanged')
    const before = await engine.ask({ do: 'usage' })
    const pass = await engine.ask({ do: 'pass', count: size })
    const passCpu = ((pass.cpuMs - before.cpuMs) / size) * 100
    const figure = (name: string, value: number, unit: Figure['unit']): Figure => ({
      name: `${size}: ${name}`,
      value,
      unit,
    })
    const beside = (name: string, value: number, limit: number): Figure => ({
      ...figure(name, value, 'ms'),
      against: { name: bareName, ratio: value / limit },
    })
    return [
      figure('bare client, all appear', bare.install.ms, 'ms'),
      figure('bare client, all change', bare.change.ms, 'ms'),
      beside('all appear → Ready', install.ms, bare.install.ms),
      beside('all change → Ready (push included)', all.ms, bare.change.ms),
      figure('one changes → Ready (push included)', one.ms, 'ms'),
      ...cpuFigures(figure, 'appear', install, bare.install),
      ...cpuFigures(figure, 'change', all, bare.change),
      ...callFigures(figure, 'calls, all appear', install.calls),
      ...callFigures(figure, 'calls, all change', all.calls),
      ...callFigures(figure, 'calls, one changes, until it is Ready', one.calls),
      ...callFigures(figure, 'calls, one changes, afterwards for the others', rest.calls),
      figure('writes of a pass over what is unchanged', total(pass.calls), 'calls'),
      figure('CPU of a pass, each 100 Kustomizations', passCpu, 'ms'),
      figure('engine, peak memory', pass.peakMiB, 'MiB'),
      ...(cluster.server ? [figure('API server, peak memory', cluster.server.memory().peak, 'MiB')] : []),
    ]
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

interface Phase {
  readonly ms: number
  /** Processor time of the engine or bare client, and of the sandbox's API server, in milliseconds. */
  readonly cpuMs: number
  readonly serverCpuMs: number
  readonly calls: Usage['calls']
}

async function measureBare(folder: string, size: number, context: BenchContext) {
  const cluster = await BenchCluster.open(folder, context.kubeconfig)
  const client = await MeasuredClient.start('bare', cluster.kubeconfig)
  try {
    await cluster.openNamespace()
    const phase = phases(cluster, client)
    await cluster.openNamespace(warmNamespace)
    await client.ask({ do: 'apply', count: warmCount, cpu: '100m', namespace: warmNamespace })
    await cluster.clear(warmNamespace)
    const apply = (cpu: string) => phase(() => client.ask({ do: 'apply', count: size, cpu, namespace: appsNamespace }))
    context.note(`bare client: ${size} applications`)
    return { install: await apply('100m'), change: await apply('200m') }
  } finally {
    await client.stop()
    if (context.kubeconfig !== undefined) await cluster.clear()
    await cluster.close()
  }
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

function isUsage(value: unknown): value is Usage {
  return typeof value === 'object' && value !== null && 'cpuMs' in value
}

type MakeFigure = (name: string, value: number, unit: Figure['unit']) => Figure

function cpuFigures(figure: MakeFigure, name: string, engine: Phase, bare: Phase): Figure[] {
  const both: [string, number, number][] = [
    ['client', engine.cpuMs, bare.cpuMs],
    ['API server', engine.serverCpuMs, bare.serverCpuMs],
  ]
  return both.flatMap(([who, ours, theirs]) => [
    {
      ...figure(`CPU, all ${name}, ${who}`, ours, 'ms'),
      against: { name: `${bareName} (${Math.round(theirs)} ms)`, ratio: ours / theirs },
    },
  ])
}

function callFigures(figure: MakeFigure, name: string, calls: Usage['calls']): Figure[] {
  const verbs = Object.entries(calls)
    .sort()
    .map(([verb, count]) => `${verb} ${count}`)
    .join(', ')
  return [figure(`${name}${verbs === '' ? '' : ` (${verbs})`}`, total(calls), 'calls')]
}

function total(calls: Usage['calls']): number {
  return Object.values(calls).reduce((sum, one) => sum + one, 0)
}
