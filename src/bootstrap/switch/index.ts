import { readyStep } from '../steps/ready.ts'
import type { BootstrapStep } from '../types.ts'
import { checkStep, type SwitchRun } from './check.ts'
import type { EngineName } from './facts.ts'
import { filesStep } from './files.ts'
import { holdStep, resumeStep } from './hold.ts'
import { startStep, yieldStep } from './to-flux.ts'
import { restStep, sweepStep } from './to-sluice.ts'

export type { EngineName } from './facts.ts'

/**
 * The steps of a change of the engine, for one run. Their order is what keeps the fleet whole: nothing of the components
 * is applied or pruned before the engine that comes acts, and it acts only when the other cannot write any more.
 */
export function switchSteps(to: EngineName): readonly BootstrapStep[] {
  const run: SwitchRun = {}
  const change = to === 'flux' ? [yieldStep(run), startStep(run)] : [restStep()]
  const after = to === 'flux' ? [] : [sweepStep(run)]
  return [checkStep(to, run), holdStep(to, run), filesStep(to, run), ...change, resumeStep(), readyStep, ...after]
}
