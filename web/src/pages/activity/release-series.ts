import type { LatencyView } from '../../../../src/server/contract/timeline.ts'

type Point = LatencyView['points'][number]

/** The way of a commit after it was made. */
export const stageNames = ['fetched', 'rendered', 'applied', 'healthy'] as const
export type StageName = (typeof stageNames)[number]

/** The nearest rank: a time that was really taken. Undefined of none. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]
}

/** How long each stage took by itself, in the middle of all that came to be live; absent of none. */
export function medianStages(points: readonly Point[]): Readonly<Record<StageName, number>> | undefined {
  const whole = points.filter(one => stageNames.every(name => one.stages[name] !== undefined))
  if (whole.length === 0) return undefined
  const took = (name: StageName, at: number) =>
    whole.map(one => Math.max(0, one.stages[name]! - (at === 0 ? 0 : one.stages[stageNames[at - 1]!]!)))
  return Object.fromEntries(stageNames.map((name, at) => [name, quantile(took(name, at), 0.5)!])) as Record<
    StageName,
    number
  >
}

/** A curve: a value for each time, in milliseconds. */
export interface Curves {
  readonly times: readonly number[]
  readonly p50: readonly number[]
  readonly p95: readonly number[]
}

/** Few enough that each is a moment of its own. */
const mostSteps = 40

/** p50 and p95 from commit to live over time: of each step in which something came to be live. Empty steps have no place. */
export function latencyCurves(points: readonly Point[]): Curves {
  const live = points.flatMap(({ committedAt, stages }) =>
    stages.healthy === undefined ? [] : [{ at: Date.parse(committedAt), ms: stages.healthy }],
  )
  if (live.length === 0) return { times: [], p50: [], p95: [] }
  const from = Math.min(...live.map(one => one.at))
  const step = Math.max(1, (Math.max(...live.map(one => one.at)) - from) / mostSteps)
  const steps = new Map<number, number[]>()
  for (const { at, ms } of live) {
    const key = Math.min(mostSteps - 1, Math.floor((at - from) / step))
    steps.set(key, [...(steps.get(key) ?? []), ms])
  }
  const all = [...steps].sort(([a], [b]) => a - b)
  return {
    times: all.map(([key]) => from + key * step),
    p50: all.map(([, values]) => quantile(values, 0.5)!),
    p95: all.map(([, values]) => quantile(values, 0.95)!),
  }
}
