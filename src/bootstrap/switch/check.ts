import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import { type CheckLine, checkToken } from '../../forges/index.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import { fetchedRevision } from '../fetched.ts'
import { refuseOtherInstaller } from '../kinds.ts'
import { lookAtBranch, readRepository } from '../repository-view.ts'
import { problemOf } from '../steps/check.ts'
import type { BootstrapContext, BootstrapStep, StepPlan } from '../types.ts'
import { type EngineName, refuse, type SwitchFacts, switchFacts } from './facts.ts'
import { readControllers, readRoot, rootRef } from './live.ts'

/** What the steps of one run tell each other. */
export interface SwitchRun {
  facts?: SwitchFacts
}

/** Looks whether the engine can be changed, and what that changes. It writes nothing. */
export function checkStep(to: EngineName, run: SwitchRun): BootstrapStep {
  const title = 'look at the token, the repository and the cluster'
  return {
    id: 'check',
    title,
    async inspect(context, state): Promise<StepPlan> {
      const lines: CheckLine[] = []
      for await (const line of checkToken(context.forge, targetOf(context), context.signal)) {
        lines.push(line)
        context.onEvent?.({ type: 'check', step: 'check', line })
      }
      const changes = lines.map(line => ({ kind: 'check', ...line }) as const)
      const failed = lines.find(line => line.status === 'fail')
      const blocked = (problem: ReturnType<typeof asSluiceError>): StepPlan => ({
        ...{ id: 'check', title, state: 'blocked', summary: problem.message, changes, problem },
      })
      if (failed) return blocked(problemOf(failed))
      const { login } = await context.forge.identify(context.signal)
      state.login = login
      state.repositoryExists = true
      try {
        state.view = await lookAtBranch(context)
        if (state.view.tip === undefined)
          throw refuse(context.fleet.branch, 'the branch that the cluster follows', 'none')
        state.tip = state.view.tip
        // What is there already is not what the cluster has to agree with in the end.
        const fetched = await fetchedRevision(context)
        if (fetched !== undefined) state.fetchedBefore = fetched
        run.facts = await switchFacts(context, to, await readRepository(context, state.view))
        await refuseAsItIs(context, to)
      } catch (thrown) {
        context.signal.throwIfAborted()
        return blocked(asSluiceError(thrown))
      }
      const { inGit, goes, notes } = run.facts
      return {
        id: 'check',
        title,
        state: 'done',
        summary:
          inGit === to ? `Git has the components of ${nameOf(to)}` : `Git has the components of ${nameOf(inGit)}`,
        changes: [
          ...changes,
          ...goes.map(object => ({ kind: 'object', ref: refOf(object), action: 'delete' }) as const),
        ],
        ...(notes.length > 0 ? { notes } : {}),
      }
    },
    async apply() {
      throw new SluiceError('E_INTERNAL', { object: 'check', seen: 'a step without effects was applied' })
    },
  }
}

/** States of a cluster in which a switch would do more, or less, than it says. */
async function refuseAsItIs(context: BootstrapContext, to: EngineName): Promise<void> {
  const root = await readRoot(context)
  if (root.suspended && root.switchingTo === undefined)
    throw refuse(
      formatRef(rootRef(context)),
      'a root Kustomization that is not suspended',
      'somebody suspended it',
      'Resume it first: sluice resume kustomization.',
    )
  if (to === 'flux') return await refuseOtherInstaller(context)
  const { elsewhere } = await readControllers(context)
  const [other] = elsewhere
  if (other !== undefined)
    throw refuse(
      formatRef(refOf(other)),
      `no controllers of Flux outside of ${context.fleet.namespace}`,
      'one of another installation, which would keep the engine of Sluice from acting',
    )
}

export function nameOf(engine: EngineName): string {
  return engine === 'flux' ? 'Flux' : 'Sluice'
}

function targetOf({ fleet, review, signer }: BootstrapContext) {
  const { owner, personal, repository, branch } = fleet
  return { owner, personal, repository, branch, review: review !== 'never', signs: signer !== undefined }
}
