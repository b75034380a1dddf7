import type { ObjectRef } from '../../kube/identity.ts'
import type { Proof } from '../apply/types.ts'
import type { Target } from '../remote/target.ts'
import type { ReadLog } from './read-log.ts'

/** What a build was made from: equal inputs give equal objects. */
export interface BuildInputs {
  readonly generation: number
  readonly reads: ReadLog
  /** Digest of the variables. */
  readonly variables: string
}

export interface AppliedBuild {
  readonly inputs: BuildInputs
  readonly revision: string
  /** Digest of the source's artifact. */
  readonly artifact: string
  /** Digest of the objects. */
  readonly digest: string
}

/**
 * What the engine remembers of one Kustomization between reconciles. None of it is needed to be correct: a new process
 * starts without and asks the server instead.
 */
export interface Memory {
  /** The last build that was applied. */
  applied: AppliedBuild | undefined
  /** Objects that are known to agree with the last build. */
  proofs: ReadonlyMap<string, Proof>
  /** When the health checks of the current revision and generation began (monotonic). */
  checking: { readonly key: string; readonly since: number } | undefined
  /** Since when a source or dependency is waited for (monotonic). */
  waitingSince: number | undefined
  /** Whether it was put off to say that a revision does not concern it, because others were in work. */
  putOff: boolean
  /** Transient failures in a row. */
  failures: number
  /** A kind that was missing at the last failure. */
  missingKind: string | undefined
  /** Whether objects are being applied: what the watches show meanwhile is mostly our own doing. */
  applying: boolean
  /** Since when there is work that the status does not speak of (monotonic). */
  quietSince: number | undefined
  /** What the last health check looked at, when it failed. */
  unhealthy: readonly ObjectRef[] | undefined
  /** The cluster that the objects are in; undefined for the engine's own. */
  target: Target | undefined
  /** Whose rights the proofs were made with; '' for the engine's own. */
  identity: string
  /** Since when drift is counted (monotonic), and how often it was seen since. */
  drift: { since: number; times: number }
}

/** A memory that holds nothing but what is known from before. */
export function newMemory(proofs: ReadonlyMap<string, Proof>): Memory {
  return {
    applied: undefined,
    proofs,
    checking: undefined,
    waitingSince: undefined,
    putOff: false,
    failures: 0,
    missingKind: undefined,
    applying: false,
    quietSince: undefined,
    unhealthy: undefined,
    target: undefined,
    identity: '',
    drift: { since: 0, times: 0 },
  }
}
