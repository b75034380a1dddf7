import { SluiceError } from '../../../base/errors/index.ts'
import type { GitOpsStep } from '../../steps.ts'
import { foundIn } from '../found.ts'
import { findLate, type LateChanges } from '../late.ts'
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
      return { ...none, summary: `${told(late)} is not followed`, notes: [problemOf(late).message] }
    throw problemOf(late)
  },
  async apply() {
    throw new SluiceError('E_INTERNAL', { object: 'late', seen: 'a step without effects was applied' })
  },
}

function told({ commits, paths }: LateChanges): string {
  return `${paths.length} changed files in ${commits.length} commits`
}

function problemOf({ branch, url, commits, paths }: LateChanges): SluiceError {
  const list = commits.map(({ sha, subject }) => `${sha.slice(0, 7)} (${subject})`)
  const picked = commits.map(({ sha }) => sha.slice(0, 12)).toReversed()
  return new SluiceError('E_GITOPS_LATE_COMMITS', {
    object: `branch ${branch} of ${url}`,
    expected: 'nothing after the commit that was copied',
    seen: `${some(list)}: ${some(paths)}`,
    next: `The cluster follows the new place, without them. Bring over there what shall hold: git cherry-pick ${picked.slice(0, 5).join(' ')}${picked.length > 5 ? ' …' : ''}`,
  })
}

function some(all: readonly string[]): string {
  return `${all.slice(0, 5).join(', ')}${all.length > 5 ? ` and ${all.length - 5} more` : ''}`
}
