import type { KubeObject } from '../../kube/object.ts'
import type { EngineContext } from '../context.ts'
import { kustomizationStatusManager, notificationManager, sourceStatusManager } from '../contract.ts'
import type { EngineEvent } from '../events.ts'
import { messageOf } from '../failure.ts'
import { helmManager } from '../helmrelease/contract.ts'
import { Conditions } from '../status/conditions.ts'
import { writeStatus } from '../status/write-status.ts'
import { withSoundStatus } from './problem.ts'

const reason = 'InvalidSpec'
/** Kinds without a status. */
const stateless = new Set(['Alert', 'Provider', 'ExternalArtifact'])

/** Says in an event, and in the status where there is one, why an object is not worked on. */
export async function tellProblem(context: EngineContext, object: KubeObject, problem: string): Promise<void> {
  if (!context.owns(object)) return
  const { namespace = '', name = '', generation = 0 } = object.metadata
  const kind = object.kind as EngineEvent['about']['kind']
  const { clock, client, logger } = context
  logger.warn('object not worked on', { kind, namespace, name, problem })
  context.emit(
    { time: clock.now(), severity: 'error', about: { kind, namespace, name }, reason, message: problem },
    object,
  )
  if (stateless.has(kind)) return
  const { status = {} } = withSoundStatus(object) as { status?: Record<string, unknown> }
  const conditions = new Conditions(status['conditions'] as never, generation, () => clock.now())
  conditions.set('Stalled', 'True', reason, problem)
  conditions.set('Ready', 'False', reason, problem)
  conditions.remove('Reconciling')
  const next = { ...status, conditions: conditions.list(), observedGeneration: generation }
  try {
    await writeStatus(client, object, next, managerOf(kind))
  } catch (error) {
    logger.debug('status not written', { kind, namespace, name, error: messageOf(error) })
  }
}

function managerOf(kind: string): string {
  if (kind === 'Kustomization') return kustomizationStatusManager
  if (kind === 'HelmRelease') return helmManager
  return kind === 'Receiver' ? notificationManager : sourceStatusManager
}
