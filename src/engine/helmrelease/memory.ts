import type { Snapshot } from './history.ts'

/** What is known of the newest stored revision, without its content. */
export interface Observed {
  readonly resourceVersion: string
  /** With the digest that the history would have for it. */
  readonly snapshot: Snapshot
}

/** What the engine remembers of one HelmRelease between reconciles: nothing of it is needed to be correct. */
export interface Memory {
  observed: Observed | undefined
  /** Failures in a row of the kind that is tried again with growing waits. */
  failures: number
}

export function newMemory(): Memory {
  return { observed: undefined, failures: 0 }
}
