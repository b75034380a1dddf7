import type { GroupSize } from '../specs/index.ts'

/** The size of a group as AWS has it. */
export interface LiveSize {
  readonly min: number
  readonly max: number
  readonly desired: number
}

/** What one update sets. `desired` is absent where it stays as it is. */
export interface SizeUpdate {
  readonly min: number
  readonly max: number
  readonly desired?: number
}

/** Whether the count is Git's to set: it says one, and the autoscaler does not have the group. */
export function ownsCount(git: Pick<GroupSize, 'desired' | 'autoscaled'>): boolean {
  return git.desired !== undefined && !git.autoscaled
}

/**
 * What brings a group in line with Git, or undefined when it is. Bounds are always Git's. The count is Git's only where
 * Git says one; otherwise it belongs to the autoscaler, and is moved only when it lies outside the bounds, because AWS takes
 * no bounds that the count breaks.
 */
export function decideSize(git: Omit<GroupSize, 'name' | 'kind'>, live: LiveSize): SizeUpdate | undefined {
  const { min, max } = git
  const wanted = ownsCount(git) ? (git.desired as number) : live.desired
  const desired = Math.min(max, Math.max(min, wanted))
  if (live.min === min && live.max === max && live.desired === desired) return undefined
  return desired === live.desired ? { min, max } : { min, max, desired }
}

/** How AWS differs from Git, for people: `min 1 → 2, desired 3 → 5`. */
export function driftText(update: SizeUpdate, live: LiveSize): string {
  const parts: string[] = []
  for (const name of ['min', 'max', 'desired'] as const) {
    const next = update[name]
    if (next !== undefined && next !== live[name]) parts.push(`${name} ${live[name]} → ${next}`)
  }
  return parts.join(', ')
}
