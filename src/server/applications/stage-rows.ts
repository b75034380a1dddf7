import { type Stage, type StageName, wholeSecondMs } from '../../apps/index.ts'

/** What is seen later than this after it happened is told by the cluster's own time. */
const lateMs = 5000

export interface StageWatch {
  readonly now: Date
  /** When the stages were seen before, by their names. */
  readonly recorded: ReadonlyMap<string, string>
  /** Stages of the same commit that were seen before they were done: it was watched when they came to be. */
  readonly undone: ReadonlySet<StageName>
}

/**
 * The stages that are to be written down, each with the moment when the commit came there. No time is before that of the stage
 * that led to it. A stage of which neither the cluster nor a watch tells the time is left out: nobody knows it.
 */
export function rowsToWrite(
  stages: readonly Stage[],
  { now, recorded, undone }: StageWatch,
): readonly { readonly stage: StageName; readonly at: string }[] {
  const out: { stage: StageName; at: string }[] = []
  const seen = now.getTime()
  let floor = Number.NEGATIVE_INFINITY
  for (const { name, state, at } of stages) {
    if (state !== 'done') break
    const known = recorded.get(name)
    if (known !== undefined) {
      floor = Math.max(floor, Date.parse(known))
      continue
    }
    const told = at === undefined ? Number.NaN : Date.parse(at)
    const isTold = told + wholeSecondMs > floor
    // Seen as it happened: that is more exact than the cluster's whole seconds.
    const isFresh = isTold ? seen - told <= lateMs : undone.has(name) || seen - floor <= lateMs
    if (!isTold && !isFresh) continue
    floor = Math.max(floor, isFresh ? seen : told)
    out.push({ stage: name, at: new Date(floor).toISOString() })
  }
  return out
}
