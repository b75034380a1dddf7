import { asSluiceError } from '../base/errors/index.ts'
import { bootstrapSteps } from './steps/index.ts'
import type { BootstrapContext, BootstrapStep, RunState, StepPlan } from './types.ts'

/**
 * Looks at everything and says, as data, what a bootstrap would do. It writes nothing.
 * After a step that cannot go on, later steps are `not-run`: one cause, one problem.
 */
export async function planBootstrap(
  context: BootstrapContext,
  steps: readonly BootstrapStep[] = bootstrapSteps,
): Promise<StepPlan[]> {
  const state: RunState = { dryRun: true }
  const plans: StepPlan[] = []
  let blocked = false
  for (const step of steps) {
    if (blocked) {
      plans.push({ id: step.id, title: step.title, state: 'not-run', summary: 'not looked at', changes: [] })
      continue
    }
    context.signal.throwIfAborted()
    const plan = await step.inspect(context, state).catch((thrown: unknown): StepPlan => {
      context.signal.throwIfAborted()
      const problem = asSluiceError(thrown)
      return { id: step.id, title: step.title, state: 'blocked', summary: problem.message, changes: [], problem }
    })
    blocked = plan.state === 'blocked'
    plans.push(plan)
  }
  return plans
}
