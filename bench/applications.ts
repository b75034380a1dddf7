import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BareRun, type EngineRun, measureBare, measureEngine, type Phase } from './applications/measure.ts'
import type { Usage } from './applications/process.ts'
import { measureWaits } from './applications/waits.ts'
import type { Benchmark, Figure } from './types.ts'

const sizes = [100, 500, 1000]
const bareName = 'bare client'

/**
 * The shape of flux-benchmark, in one repository. The bare client is the limit: a process of its own that applies the
 * same four objects of each application with the same HTTP client, 32 calls at once, without a dry run, and waits until
 * the same controllers have made every Deployment healthy. Both are warm: each has made and removed 50 others before.
 * The engine's time runs from the first Kustomization that is written, so it also holds the N Kustomizations that appear,
 * and their statuses. With rounds, both take turns, and the best time of each phase counts: the one least disturbed.
 */
export const applicationsBench: Benchmark = {
  name: 'applications',
  about: '100, 500, 1000 applications appear, all change, one changes; beside a bare client (any server: --kubeconfig)',
  async run(context) {
    const figures: Figure[] = []
    for (const size of context.sizes ?? sizes.map(one => Math.max(5, Math.round(one * context.scale)))) {
      const bare: BareRun[] = []
      const engine: EngineRun[] = []
      for (let round = 0; round < (context.rounds ?? 1); round++) {
        bare.push(await inFolder(folder => measureBare(folder, size, context)))
        engine.push(await inFolder(folder => measureEngine(folder, size, context)))
      }
      figures.push(...figuresOf(size, bare, engine))
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

function figuresOf(size: number, bare: readonly BareRun[], engine: readonly EngineRun[]): Figure[] {
  const limit = { install: best(bare.map(run => run.install)), change: best(bare.map(run => run.change)) }
  const install = best(engine.map(run => run.install))
  const change = best(engine.map(run => run.change))
  const one = best(engine.map(run => run.one))
  const last = engine.at(-1)!
  const least = (values: readonly number[]) => Math.min(...values)
  const most = (pick: (run: EngineRun) => number) => Math.max(...engine.map(pick))
  const figure = (name: string, value: number, unit: Figure['unit']): Figure => ({
    name: `${size}: ${name}`,
    value,
    unit,
  })
  const beside = (name: string, value: number, by: number): Figure => ({
    ...figure(name, value, 'ms'),
    against: { name: `${bareName} (${Math.round(by)} ms)`, ratio: value / by },
  })
  const cpu = (name: string, ours: Phase, theirs: Phase): Figure[] => [
    beside(`CPU, ${name}, client`, ours.cpuMs, theirs.cpuMs),
    ...(Number.isNaN(ours.serverCpuMs)
      ? []
      : [beside(`CPU, ${name}, API server`, ours.serverCpuMs, theirs.serverCpuMs)]),
  ]
  const calls = (name: string, made: Usage['calls']) => figure(`calls, ${name}${verbsOf(made)}`, total(made), 'calls')
  return [
    beside('all appear → Ready', install.ms, limit.install.ms),
    figure('all appear → Ready, each application', install.ms / size, 'ms'),
    beside('all change → Ready (push included)', change.ms, limit.change.ms),
    figure('of which commit and push', engine.find(run => run.change === change)?.pushMs ?? Number.NaN, 'ms'),
    figure('one changes → Ready (push included)', one.ms, 'ms'),
    ...cpu('all appear', install, limit.install),
    ...cpu('all change', change, limit.change),
    calls('all appear', install.calls),
    calls('all change', change.calls),
    calls('one changes, until it is Ready', one.calls),
    calls('one changes, afterwards for the others', last.rest),
    figure(
      'writes of a pass over what is unchanged',
      most(run => total(run.pass.calls)),
      'calls',
    ),
    figure('CPU of a pass, each 100 Kustomizations', least(engine.map(run => run.pass.cpuMsEachHundred)), 'ms'),
    figure(
      'engine, peak memory',
      most(run => run.peakMiB),
      'MiB',
    ),
    ...(Number.isNaN(last.serverPeakMiB) ? [] : [figure('API server, peak memory', last.serverPeakMiB, 'MiB')]),
  ]
}

function best(phases: readonly Phase[]): Phase {
  return phases.reduce((a, b) => (b.ms < a.ms ? b : a))
}

function verbsOf(calls: Usage['calls']): string {
  const verbs = Object.entries(calls).sort()
  return verbs.length === 0 ? '' : ` (${verbs.map(([verb, count]) => `${verb} ${count}`).join(', ')})`
}

function total(calls: Usage['calls']): number {
  return Object.values(calls).reduce((sum, one) => sum + one, 0)
}
