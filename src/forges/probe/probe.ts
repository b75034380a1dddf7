import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '../../base/clock.ts'
import { type CheckLine, runChecklist } from '../checklist.ts'
import type { Forge, TokenTarget } from '../types.ts'
import { branchPrefix, ownBranchSteps } from './own-branch.ts'
import { ownRepositorySteps } from './own-repository.ts'
import type { ProbeState } from './state.ts'

/** How a probe is run. */
export interface ProbeOptions {
  readonly signal?: AbortSignal
  /** The system's when absent. */
  readonly clock?: Clock
  /**
   * `repository`: make a repository, push to it, read back, remove it. `branch`: the same with a branch of the target, for
   * tokens with the least rights. When absent: `branch` when the target is there with a commit, or the host cannot create repositories.
   */
  readonly on?: 'repository' | 'branch'
}

/**
 * Tries for real what Sluice does with a token, and removes what it made. Writes to the host: only when a person asks. The
 * first failure stops it; the lines after it are `not-run`, but for the removal of what was made.
 */
export async function* probeForge(
  forge: Forge,
  target: TokenTarget,
  options: ProbeOptions = {},
): AsyncGenerator<CheckLine> {
  const { signal, clock = systemClock } = options
  const on = options.on ?? (await variant(forge, target, signal))
  const now = clock.now()
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const run = `${stamp}-${randomBytes(3).toString('hex')}`
  const state: ProbeState = {
    forge,
    target,
    clock,
    // One name for every run, so that the next one finds what is left.
    repository: on === 'repository' ? `${target.repository}-sluice-probe`.toLowerCase() : target.repository,
    branch: on === 'repository' ? 'main' : `${branchPrefix}${run}`,
    text: `sluice probe ${run}\n`,
  }
  try {
    const steps = on === 'repository' ? ownRepositorySteps : ownBranchSteps
    yield* runChecklist(steps, state, { clock, ...(signal && { signal }) })
  } finally {
    await state.scratch?.close()
  }
}

async function variant(
  forge: Forge,
  target: TokenTarget,
  signal: AbortSignal | undefined,
): Promise<'repository' | 'branch'> {
  if (!forge.capabilities.createRepository || !forge.capabilities.deleteRepository) return 'branch'
  // A failure to look is found, and worded, by the first step.
  const found = await forge.repository(target.owner, target.repository, signal).catch(() => undefined)
  signal?.throwIfAborted()
  // The first branch of an empty repository becomes its default branch, and then cannot be removed.
  return found && found.empty !== true ? 'branch' : 'repository'
}
