import type { ValueProblemView } from '../../../src/server/contract/values.ts'
import type { Draft } from './draft.ts'
import type { Secrets } from './secrets.tsx'
import { type Path, pathWords } from './tree.ts'

/** What the fields of a form have in common. */
export interface FormContext {
  readonly draft: Draft
  /** What is below the layer: `the chart`, `base`. */
  readonly belowName: string
  readonly problems: readonly ValueProblemView[]
  readonly secrets: Secrets
  readonly query: string
  /** Shows a place in the YAML. */
  readonly onShow: (path: Path) => void
}

/** Whether a problem is at a path or deeper inside. */
export const within = (path: Path, problem: ValueProblemView): boolean =>
  path.every((key, at) => String(problem.path[at]) === String(key))

/** A problem deeper inside names its place. */
export const say = (path: Path, problem: ValueProblemView): string =>
  problem.path.length > path.length
    ? `${pathWords(problem.path.slice(path.length))}: ${problem.message}`
    : problem.message
