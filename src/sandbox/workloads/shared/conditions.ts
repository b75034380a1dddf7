import { apiTime } from './times.ts'
import type { WorkloadCondition } from './types.ts'

type ConditionFacts = Pick<WorkloadCondition, 'type' | 'status' | 'reason' | 'message'>

/** The condition of a type. */
export function findCondition(
  conditions: readonly WorkloadCondition[] | undefined,
  type: string,
): WorkloadCondition | undefined {
  return conditions?.find(condition => condition.type === type)
}

/** The conditions without those of a type. */
export function withoutCondition(conditions: readonly WorkloadCondition[], type: string): WorkloadCondition[] {
  return conditions.filter(condition => condition.type !== type)
}

/**
 * The conditions with one set, at the end. One that says the same already stays as it is, and the time of transition
 * stays while the status does (deployment controller `SetDeploymentCondition` and its like).
 */
export function withCondition(
  conditions: readonly WorkloadCondition[],
  facts: ConditionFacts,
  now: Date,
  times: { readonly lastUpdateTime?: boolean } = {},
): WorkloadCondition[] {
  const before = findCondition(conditions, facts.type)
  if (before?.status === facts.status && before.reason === facts.reason) return [...conditions]
  const made: WorkloadCondition = {
    ...facts,
    ...(times.lastUpdateTime ? { lastUpdateTime: apiTime(now) } : {}),
    lastTransitionTime: before?.status === facts.status ? (before.lastTransitionTime ?? apiTime(now)) : apiTime(now),
  }
  return [...withoutCondition(conditions, facts.type), made]
}
