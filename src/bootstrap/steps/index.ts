import type { BootstrapStep } from '../types.ts'
import { branchStep } from './branch.ts'
import { checkStep } from './check.ts'
import { engineStep } from './engine.ts'
import { filesStep } from './files.ts'
import { readyStep } from './ready.ts'
import { repositoryStep } from './repository.ts'

/** The steps of a bootstrap, in order. Each looks before it acts and is safe to repeat. */
export const bootstrapSteps: readonly BootstrapStep[] = [
  checkStep,
  repositoryStep,
  branchStep,
  filesStep,
  engineStep,
  readyStep,
]
