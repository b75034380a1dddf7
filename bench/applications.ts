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
    const each: { readonly size: number; readonly ms: number }[] = []
    for (const size of context.sizes ?? sizes.map(one => Math.max(5, Math.round(one * context.scale)))) {
      const bare: BareRun[] = []
      const engine: EngineRun[] = []
      for (let round = 0; round < (context.rounds ?? 1); round++) {
        bare.push(await inFolder(folder => measureBare(folder, size, context)))
        engine.push(await inFolder(folder => measureEngine(folder, size, context)))
      }
      figures.push(...figuresOf(size, bare, engine))
      each.push({ size, ms: best(engine.map(run => run.install)).ms / size })
    }
    figures.push(...growth(each))
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
  const wanted = (one: Figure, goal: string, met: boolean): Figure => ({ ...one, goal: { wanted: goal, met } })
  const atMost = (one: Figure): Figure => wanted(one, 'at most 1.5 ×', one.against!.ratio <= 1.5)
  const peak = most(run => run.peakMiB)
  const passWrites = most(run => total(run.pass.calls))
  const passCpu = least(engine.map(run => run.pass.cpuMsEachHundred))
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
    atMost(beside('all appear → Ready', install.ms, limit.install.ms)),
    figure('all appear → Ready, each application', install.ms / size, 'ms'),
    atMost(beside('all change → Ready (push included)', change.ms, limit.change.ms)),
    figure('of which commit and push', engine.find(run => run.change === change)?.pushMs ?? Number.NaN, 'ms'),
    figure('one changes → Ready (push included)', one.ms, 'ms'),
    ...cpu('all appear', install, limit.install),
    ...cpu('all change', change, limit.change),
    calls('all appear', install.calls),
    calls('all change', change.calls),
    wanted(calls('one changes, until it is Ready', one.calls), 'at most 10', total(one.calls) <= 10),
    wanted(
      calls('one changes, for it until nothing is left to do', sum(one.calls, last.rest)),
      'at most 10',
      total(one.calls) + total(last.rest) <= 10,
    ),
    calls('one changes, afterwards for the others', last.others),
    wanted(figure('calls of a pass over what is unchanged', passWrites, 'calls'), 'none', passWrites === 0),
    wanted(figure('CPU of a pass, each 100 Kustomizations', passCpu, 'ms'), 'less than 50 ms', passCpu < 50),
    // 300 MB.
    wanted(figure('engine, peak memory', peak, 'MiB'), 'less than 286 MiB', peak < 300e6 / 2 ** 20),
    ...(Number.isNaN(last.serverPeakMiB) ? [] : [figure('API server, peak memory', last.serverPeakMiB, 'MiB')]),
  ]
}

/** Growth is linear when one application takes no longer among many than among few, but for what runs differ. */
function growth(each: readonly { readonly size: number; readonly ms: number }[]): Figure[] {
  const sorted = [...each].sort((a, b) => a.size - b.size)
  const [few, many] = [sorted[0], sorted.at(-1)]
  if (few === undefined || many === undefined || few.size === many.size) return []
  const ratio = many.ms / few.ms
  return [
    {
      name: `growth: each application of ${many.size} beside each of ${few.size}`,
      value: many.ms,
      unit: 'ms',
      against: { name: `each of ${few.size} (${few.ms.toFixed(1)} ms)`, ratio },
      goal: { wanted: 'linear: at most 1.25 ×', met: ratio <= 1.25 },
    },
  ]
}

function best(phases: readonly Phase[]): Phase {
  return phases.reduce((a, b) => (b.ms < a.ms ? b : a))
}

function verbsOf(calls: Usage['calls']): string {
  const verbs = Object.entries(calls).sort()
  return verbs.length === 0 ? '' : ` (${verbs.map(([verb, count]) => `${verb} ${count}`).join(', ')})`
}

function sum(a: Usage['calls'], b: Usage['calls']): Usage['calls'] {
  const verbs = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...verbs].map(verb => [verb, (a[verb] ?? 0) + (b[verb] ?? 0)]))
}

function total(calls: Usage['calls']): number {
  return Object.values(calls).reduce((sum, one) => sum + one, 0)
}
