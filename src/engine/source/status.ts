import type { Condition } from '../../kube/object.ts'
import type { EngineContext } from '../context.ts'
import { requestedAtAnnotation } from '../contract.ts'
import type { StepFailure } from '../failure.ts'
import { Conditions, type ConditionType } from '../status/conditions.ts'
import type { Artifact } from './artifact.ts'
import type { SourceOutcome } from './handler.ts'
import type { SourceObject } from './sources.ts'

type Status = Record<string, unknown>

/** Conditions that are there only while something is wrong. */
const troubles: readonly ConditionType[] = [
  'FetchFailed',
  'BuildFailed',
  'StorageOperationFailed',
  'IncludeUnavailable',
  'ArtifactOutdated',
]

/** The status after a fetch that went well. */
export function succeededStatus(context: EngineContext, object: SourceObject, outcome: SourceOutcome): Status {
  const conditions = conditionsOf(context, object)
  const { reason, message, verified, artifact, observed } = outcome
  conditions.remove(...troubles, 'Reconciling', 'Stalled')
  conditions.set('Ready', 'True', reason, message)
  conditions.set('ArtifactInStorage', 'True', reason, message)
  if (verified === undefined) conditions.remove('SourceVerified')
  else conditions.set('SourceVerified', 'True', 'Succeeded', verified)
  return {
    ...handled(object),
    ...observed,
    artifact,
    conditions: conditions.list(),
    observedGeneration: object.metadata.generation ?? 0,
  }
}

/** A failure never takes a whole artifact away: consumers go on with the last good revision. */
export function failedStatus(
  context: EngineContext,
  object: SourceObject,
  failure: StepFailure,
  current: Artifact | undefined,
): Status {
  const conditions = conditionsOf(context, object)
  const { reason, message } = failure
  const { stalled = false, condition = 'FetchFailed' } = failure.options
  conditions.remove(...troubles)
  conditions.set('Ready', 'False', reason, message)
  if (condition === 'SourceVerified') conditions.set(condition, 'False', reason, message)
  else conditions.set(condition, 'True', reason, message)
  if (stalled) {
    conditions.set('Stalled', 'True', reason, message)
    conditions.remove('Reconciling')
  } else {
    conditions.set('Reconciling', 'True', 'ProgressingWithRetry', message)
    conditions.remove('Stalled')
  }
  if (current === undefined) conditions.remove('ArtifactInStorage')
  return {
    ...object.status,
    artifact: current,
    ...(current === undefined ? { url: undefined } : {}),
    observedGeneration: stalled ? (object.metadata.generation ?? 0) : (object.status?.observedGeneration ?? -1),
    ...handled(object),
    conditions: conditions.list(),
  }
}

function conditionsOf(context: EngineContext, object: SourceObject): Conditions {
  return new Conditions(
    object.status?.conditions as readonly Condition[] | undefined,
    object.metadata.generation ?? 0,
    () => context.clock.now(),
  )
}

function handled(object: SourceObject): Status {
  const requested = object.metadata.annotations?.[requestedAtAnnotation] ?? object.status?.['lastHandledReconcileAt']
  return requested === undefined ? {} : { lastHandledReconcileAt: requested }
}
