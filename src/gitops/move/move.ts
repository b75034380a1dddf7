import { applySteps, type GitOpsStep, type PlannedStep, planSteps, type StepsReport } from '../steps.ts'
import { checkStep } from './steps/check.ts'
import { credentialStep } from './steps/credential.ts'
import { followStep } from './steps/follow.ts'
import { lateStep } from './steps/late.ts'
import { carryStep, repositoryStep } from './steps/repository.ts'
import { settleStep } from './steps/settle.ts'
import { switchStep } from './steps/switch.ts'
import { targetStep } from './steps/target.ts'
import { tidyStep } from './steps/tidy.ts'
import type { MoveContext, MoveState } from './types.ts'

/**
 * The steps of a move, in order. Between any two of them, and within each, the cluster follows exactly one place: the old
 * one until the engine has applied the commit of `switch` (or of `target`, where one commit is both), the new one after it.
 */
const steps: readonly GitOpsStep<MoveContext, MoveState>[] = [
  checkStep,
  repositoryStep,
  carryStep,
  credentialStep,
  targetStep,
  switchStep,
  followStep,
  settleStep,
  tidyStep,
  lateStep,
]

export interface MoveReport extends StepsReport {
  /** The last commit at the new place. */
  readonly commit?: string
}

/** What a move would do, as data. It writes nothing. */
export function planMove(context: MoveContext): Promise<PlannedStep[]> {
  return planSteps(steps, context, { dryRun: true })
}

/** Carries a move out; run again after an end anywhere, it goes on. The report says which step failed, and why. */
export async function applyMove(context: MoveContext): Promise<MoveReport> {
  const state: MoveState = { dryRun: false }
  const report = await applySteps(steps, context, state)
  return { ...report, ...(state.commit === undefined ? {} : { commit: state.commit }) }
}
