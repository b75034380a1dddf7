import { messageOf, StepFailure } from '../../failure.ts'
import type { ConditionType } from '../../status/conditions.ts'
import { retryOf } from '../http/failure.ts'

/** Why a chart cannot be made: reason, words before the cause, and the condition it sets, as in Flux's chart builder. */
const kinds = {
  reference: ['InvalidChartReference', 'invalid chart reference', 'FetchFailed', true],
  pull: ['ChartPullError', 'chart pull error', 'FetchFailed', false],
  metadata: ['MetadataPatchError', 'chart metadata patch error', 'BuildFailed', true],
  values: ['ValuesFilesError', 'values files merge error', 'BuildFailed', true],
  dependencies: ['DependencyBuildError', 'dependency build error', 'BuildFailed', false],
  package: ['ChartPackageError', 'chart package error', 'BuildFailed', false],
} as const satisfies Record<string, readonly [string, string, ConditionType, boolean]>

export type BuildErrorKind = keyof typeof kinds

/** A failure of a chart's build; the ones that only a change of object or source can mend stall it. */
export function buildError(kind: BuildErrorKind, error: unknown, what?: string): unknown {
  if (error instanceof StepFailure || (error instanceof DOMException && error.name === 'AbortError')) return error
  const [reason, summary, condition, stalled] = kinds[kind]
  const message = `${summary}: ${what === undefined ? '' : `${what}: `}${messageOf(error)}`
  return new StepFailure(reason, message, { cause: error, condition, ...(stalled ? { stalled } : retryOf(error)) })
}
