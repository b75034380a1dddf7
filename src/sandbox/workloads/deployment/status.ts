import { findCondition, withCondition, withoutCondition } from '../shared/conditions.ts'
import { timeOf } from '../shared/times.ts'
import type { Deployment, DeploymentStatus, ReplicaSet, WorkloadCondition } from '../shared/types.ts'
import { actual, available, limits, ready, wanted } from './counts.ts'

/** "No deadline": the API's largest 32-bit number. */
const never = 2_147_483_647
const times = { lastUpdateTime: true } as const

/** Whether a rollout of the Deployment has to make progress within a time. */
export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== never
}

/** What of a Deployment a status is worked out from. */
export interface StatusFacts {
  readonly deployment: Deployment
  readonly current: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
  readonly collisionCount?: number | undefined
  /** What happened to the new ReplicaSet in this look, which opens the story of a rollout. */
  readonly progress?: 'created' | 'found' | undefined
  readonly now: Date
}

/** The status as the deployment controller writes it (`calculateStatus` and `syncRolloutStatus`). */
export function deploymentStatus(facts: StatusFacts): DeploymentStatus {
  const { deployment, current, old, now } = facts
  const all = current ? [...old, current] : [...old]
  const count = (figure: number) => (figure > 0 ? figure : undefined)
  const usable = available(all)
  const collisionCount = facts.collisionCount ?? deployment.status?.collisionCount
  const counts: DeploymentStatus = {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    ...present('replicas', count(actual(all))),
    ...present('updatedReplicas', current && count(actual([current]))),
    ...present('readyReplicas', count(ready(all))),
    ...present('availableReplicas', count(usable)),
    ...present('unavailableReplicas', count(wanted(all) - usable)),
    ...present('collisionCount', collisionCount),
  }
  let conditions = withAvailability(deployment, deployment.status?.conditions ?? [], usable, now)
  conditions = withPause(deployment, conditions, now)
  if (!hasDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing')
  else if (deployment.spec.paused !== true) conditions = withProgress(facts, counts, conditions)
  conditions = withFailure(all, current, conditions, now)
  return { ...counts, conditions }
}

/** Milliseconds until the deadline of a rollout in progress has to be looked at; undefined when there is none. */
export function untilDeadline(deployment: Deployment, status: DeploymentStatus, now: Date): number | undefined {
  if (!hasDeadline(deployment) || deployment.spec.paused === true) return undefined
  const progressing = findCondition(status.conditions, 'Progressing')
  if (!progressing || ['NewReplicaSetAvailable', 'ProgressDeadlineExceeded'].includes(progressing.reason ?? ''))
    return undefined
  const since = timeOf(progressing.lastUpdateTime) ?? now.getTime()
  return Math.max(0, since + deployment.spec.progressDeadlineSeconds! * 1000 - now.getTime()) + 1000
}

/** Whether all that a Deployment wants runs and is up to date. */
export function isComplete({ spec, metadata }: Deployment, status: DeploymentStatus): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  )
}

function withAvailability(
  deployment: Deployment,
  conditions: readonly WorkloadCondition[],
  usable: number,
  now: Date,
): WorkloadCondition[] {
  const enough = usable >= deployment.spec.replicas - limits(deployment).unavailable
  const facts = enough
    ? ({ status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' } as const)
    : ({
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      } as const)
  return withCondition(conditions, { type: 'Available', ...facts }, now, times)
}

/** A paused rollout has no deadline; its clock starts anew when it goes on (`checkPausedConditions`). */
function withPause(deployment: Deployment, conditions: readonly WorkloadCondition[], now: Date): WorkloadCondition[] {
  const progressing = findCondition(conditions, 'Progressing')
  if (!hasDeadline(deployment) || progressing?.reason === 'ProgressDeadlineExceeded') return [...conditions]
  const wasPaused = progressing?.reason === 'DeploymentPaused'
  const paused = deployment.spec.paused === true
  if (paused === wasPaused) return [...conditions]
  const reason = paused ? 'DeploymentPaused' : 'DeploymentResumed'
  const message = paused ? 'Deployment is paused' : 'Deployment is resumed'
  return withCondition(conditions, { type: 'Progressing', status: 'Unknown', reason, message }, now, times)
}

function withProgress(
  { deployment, current, progress, now }: StatusFacts,
  counts: DeploymentStatus,
  conditions: readonly WorkloadCondition[],
): WorkloadCondition[] {
  const type = 'Progressing'
  const name = deployment.metadata.name ?? ''
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${name}"`
  let known: readonly WorkloadCondition[] = conditions
  if (progress === 'created' || (progress === 'found' && !findCondition(conditions, type))) {
    const [reason, verb] =
      progress === 'created' ? ['NewReplicaSetCreated', 'Created'] : ['FoundNewReplicaSet', 'Found']
    const message = `${verb} new replica set "${current?.metadata.name}"`
    known = withCondition(conditions, { type, status: 'True', reason, message }, now, times)
  }
  const before = findCondition(known, type)
  const settled =
    (counts.replicas ?? 0) === (counts.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable'
  if (settled) return [...known]
  if (isComplete(deployment, counts)) {
    const message = `${subject} has successfully progressed.`
    return withCondition(known, { type, status: 'True', reason: 'NewReplicaSetAvailable', message }, now, times)
  }
  if (hasProgressed(deployment.status ?? {}, counts)) {
    // Said anew each time, because the deadline counts from the last progress.
    const message = `${subject} is progressing.`
    const said = { type, status: 'True', reason: 'ReplicaSetUpdated', message } as const
    const [made] = withCondition([], said, now, times)
    if (made && before?.status === 'True' && before.lastTransitionTime !== undefined)
      made.lastTransitionTime = before.lastTransitionTime
    return [...withoutCondition(known, type), ...(made ? [made] : [])]
  }
  if (isOverdue(deployment, before, now)) {
    const message = `${subject} has timed out progressing.`
    return withCondition(known, { type, status: 'False', reason: 'ProgressDeadlineExceeded', message }, now, times)
  }
  return [...known]
}

function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (
    (now.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function isOverdue({ spec }: Deployment, condition: WorkloadCondition | undefined, now: Date): boolean {
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  if (condition.reason === 'ProgressDeadlineExceeded') return true
  const since = timeOf(condition.lastUpdateTime)
  return since !== undefined && since + (spec.progressDeadlineSeconds ?? 0) * 1000 < now.getTime()
}

/** A ReplicaSet that cannot make its pods (a quota, a missing service account) shows on the Deployment. */
function withFailure(
  all: readonly ReplicaSet[],
  current: ReplicaSet | undefined,
  conditions: readonly WorkloadCondition[],
  now: Date,
): WorkloadCondition[] {
  const inOrder = current ? [current, ...all] : all
  const failure = inOrder.map(set => findCondition(set.status?.conditions, 'ReplicaFailure')).find(Boolean)
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure')
  const { type, status, reason = '', message = '' } = failure
  return withCondition(conditions, { type, status, reason, message }, now, times)
}

function present<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: number })
}
