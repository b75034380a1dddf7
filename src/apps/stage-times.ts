import type { Stage } from './timeline.ts'

/** Times of Git and of the cluster are whole seconds: one that is cut off is not before another. */
export const wholeSecondMs = 1000

/**
 * Stages with times that follow one another. What is told of a stage from before the stage that led to it was about another
 * revision (a condition that stayed as it was keeps its old time): then nobody knows when this one came there.
 */
export function inOrder(stages: readonly Stage[]): Stage[] {
  let floor = Number.NEGATIVE_INFINITY
  return stages.map(stage => {
    const { at, ...rest } = stage
    const told = at === undefined ? Number.NaN : Date.parse(at)
    if (Number.isNaN(told) || told + wholeSecondMs <= floor) return rest
    const ms = Math.max(told, floor)
    floor = ms
    return { ...rest, at: ms === told ? at! : new Date(ms).toISOString() }
  })
}
