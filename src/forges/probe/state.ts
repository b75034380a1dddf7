import type { Clock } from '../../base/clock.ts'
import type { Forge, TokenTarget } from '../types.ts'
import type { ScratchRepository } from './scratch-repository.ts'

/** What the steps of a probe hand on to each other. */
export interface ProbeState {
  readonly forge: Forge
  readonly target: TokenTarget
  readonly clock: Clock
  /** Name of the repository that the probe works on: one of its own, or the target's. */
  readonly repository: string
  /** Branch that the probe makes. */
  readonly branch: string
  /** What the probe writes, and expects to read back. */
  readonly text: string
  /** Set when the repository has no branch yet: what is pushed first would stay. */
  isEmpty?: boolean
  scratch?: ScratchRepository
  commit?: string
}

/** `acme/fleet-sluice-probe`. */
export function probeTitle({ target, repository }: ProbeState): string {
  return `${target.owner}/${repository}`
}
