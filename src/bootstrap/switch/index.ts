import { readyStep } from '../steps/ready.ts'
import type { BootstrapStep } from '../types.ts'
import { checkStep, type SwitchRun } from './check.ts'
import type { EngineName } from './facts.ts'
import { filesStep } from './files.ts'
import { holdStep, resumeStep } from './hold.ts'
import { startStep } from './start.ts'
import { sweepStep } from './sweep.ts'
import { yieldStep } from './to-flux.ts'
import { restStep } from './to-sluice.ts'

export type { EngineName } from './facts.ts'

/**
 * The steps of a change of the engine, for one run. Their order is what keeps the fleet whole: nothing of the components
 * is applied or pruned before the engine that comes acts, and it acts only when the other cannot write any more.
 */
export function switchSteps(to: EngineName): readonly BootstrapStep[] {
  const run: SwitchRun = {}
  const stop = to === 'flux' ? yieldStep(run) : restStep()
  const change = [stop, startStep(to, run), sweepStep(to, run)]
  return [checkStep(to, run), holdStep(to, run), filesStep(to, run), ...change, resumeStep(), readyStep]
}
