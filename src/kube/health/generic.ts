import { valueAt } from '../../base/json.ts'
import type { KubeObject } from '../object.ts'
import { conditionOf, conditionsOf } from './fields.ts'
import { current, failed, inProgress } from './result.ts'
import type { Health } from './types.ts'

/** The rules for every kind, which come first: deletion, an unseen generation, Reconciling and Stalled. */
export function genericHealth(object: KubeObject): Health | undefined {
  if (object.metadata.deletionTimestamp) {
    return { status: 'Terminating', reason: '', message: 'Resource scheduled for deletion' }
  }
  const observed = valueAt(object, ['status', 'observedGeneration'])
  const { generation } = object.metadata
  if (typeof generation === 'number' && typeof observed === 'number' && observed !== generation) {
    return inProgress(
      'LatestGenerationNotObserved',
      `${object.kind} generation is ${generation}, but latest observed generation is ${observed}`,
    )
  }
  for (const { type, status, reason = '', message = '' } of conditionsOf(object)) {
    if (status !== 'True') continue
    if (type === 'Reconciling') return inProgress(reason, message)
    if (type === 'Stalled') return failed(reason, message)
  }
  return undefined
}

/** The rule for kinds without one of their own: the Ready condition, and Current when there is none. */
export function readyHealth(object: KubeObject): Health {
  const ready = conditionOf(object, 'Ready')
  if (!ready) return current('Resource is current')
  const { status, reason = '', message = '' } = ready
  if (status === 'True') return current('Resource is Ready')
  return status === 'False' || status === 'Unknown' ? inProgress(reason, message) : current('Resource is current')
}
