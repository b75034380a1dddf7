import { SluiceError } from '../../base/errors/index.ts'
import { applySteps, type GitOpsStep, type PlannedStep, planSteps, effect as run, type StepsReport } from '../steps.ts'
import { checkStep } from './check.ts'
import { objectsStep } from './objects.ts'
import { orphanStep } from './orphan.ts'
import { gitOpsRefStep } from './refs.ts'
import type { RemoveContext, RemoveState } from './types.ts'

const repositoryStep: GitOpsStep<RemoveContext, RemoveState> = {
  id: 'repository',
  title: 'what becomes of the repository',
  async inspect({ repository, deleteRepository, signal }) {
    const stays = { state: 'done' as const, summary: 'it stays as it is', changes: [] }
    if (!deleteRepository || !repository) return stays
    const { forge, owner, name } = repository
    const full = `${owner}/${name}`
    if (!(await forge.repository(owner, name, signal))) return { ...stays, summary: `${full} is gone` }
    const change = { kind: 'repository', name: full, action: 'delete' } as const
    return { state: 'to-do', summary: `remove ${full} on ${forge.host} for good`, changes: [change] }
  },
  async apply(context) {
    const { repository, signal } = context
    if (!repository) throw new SluiceError('E_INTERNAL', { object: 'gitops remove', seen: 'no repository' })
    const { forge, owner, name } = repository
    await run(context, 'remove.repository', () => forge.deleteRepository(owner, name, signal))
    return `removed ${owner}/${name} on ${forge.host}`
  },
}

const steps: readonly GitOpsStep<RemoveContext, RemoveState>[] = [
  checkStep,
  orphanStep,
  gitOpsRefStep,
  objectsStep,
  repositoryStep,
]

/** What removing GitOps would do, as data. It writes nothing. */
export function planRemove(context: RemoveContext): Promise<PlannedStep[]> {
  return planSteps(steps, context, { dryRun: true })
}

/** Stops a cluster following Git: what runs stays, with the same UIDs. Run again after an end anywhere, it goes on. */
export function applyRemove(context: RemoveContext): Promise<StepsReport> {
  return applySteps(steps, context, { dryRun: false })
}
