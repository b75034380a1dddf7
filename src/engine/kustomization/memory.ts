import type { Proof } from '../apply/types.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { ReadLog } from './read-log.ts'

/** What a build was made from: equal inputs give equal objects. */
export interface BuildInputs {
  readonly generation: number
  readonly reads: ReadLog
  /** Digest of the variables. */
  readonly variables: string
}

/**
 * What the engine remembers of one Kustomization between reconciles. None of it is needed to be correct: a new process
 * starts without and asks the server instead.
 */
export interface Memory {
  /** The newest reading, when it is our own write that the watch has not shown yet. */
  latest: Kustomization | undefined
  /** Inputs and revision of the last build that was applied. */
  applied: { readonly inputs: BuildInputs; readonly revision: string; readonly digest: string } | undefined
  /** Objects that are known to agree with the last build. */
  proofs: ReadonlyMap<string, Proof>
  /** When the health checks of the current revision and generation began (monotonic). */
  checking: { readonly key: string; readonly since: number } | undefined
  /** Since when a dependency is waited for (monotonic). */
  waitingSince: number | undefined
  /** Transient failures in a row. */
  failures: number
  /** A kind that was missing at the last failure. */
  missingKind: string | undefined
  /** When drift was looked at last (monotonic), and how often in a row it turned out to be none. */
  drift: { at: number; vain: number }
}

export function newMemory(): Memory {
  return {
    latest: undefined,
    applied: undefined,
    proofs: new Map(),
    checking: undefined,
    waitingSince: undefined,
    failures: 0,
    missingKind: undefined,
    drift: { at: 0, vain: 0 },
  }
}
