import { SluiceError } from '../../../base/errors/index.ts'
import type { GitOpsStep } from '../../steps.ts'
import { foundIn } from '../found.ts'
import { findLate, type LateChanges, lateProblem } from '../late.ts'
import type { MoveContext, MoveState } from '../types.ts'

/**
 * Looks whether anything was pushed to the old branch too late to be copied. It is the last step, so that the fleet is in
 * order when it fails; a run that found the move done only says it: the old branch may live on for other purposes.
 */
export const lateStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'late',
  title: 'look whether commits came to the old place too late',
  async inspect(context, state) {
    const { stage, sameBranch, gone } = foundIn(state)
    const none = { state: 'done' as const, summary: 'none', changes: [] }
    if (state.repositoryExists === false || gone !== undefined) return none
    if (sameBranch && stage !== 'switched') return { ...none, summary: 'the branch is the same' }
    if (state.dryRun && stage !== 'switched') return { ...none, summary: 'looked at when the cluster has changed over' }
    const late = await findLate(context, state)
    if (late === undefined) return none
    if (stage === 'switched')
      return { ...none, summary: `${told(late)} is not followed`, notes: [lateProblem(late).message] }
    throw lateProblem(late)
  },
  async apply() {
    throw new SluiceError('E_INTERNAL', { object: 'late', seen: 'a step without effects was applied' })
  },
}

function told({ commits, paths }: LateChanges): string {
  return `${paths.length} changed files in ${commits.length} commits`
}
