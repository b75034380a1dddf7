import { isObject, valueAt } from '../../base/json.ts'
import type { KubeObject } from '../object.ts'
import { conditionOf, textAt } from './fields.ts'
import { current, failed, inProgress } from './result.ts'
import type { Health } from './types.ts'

/** How long a pod may stay unschedulable before that counts as a failure: the scheduler may just be slow. */
const scheduleMs = 15_000

/** `Pod`. A pod that ran and failed is Current: it is where it was going to be. */
export function podHealth(object: KubeObject, now: Date): Health {
  const phase = textAt(object, ['status', 'phase'])
  switch (phase) {
    case 'Succeeded':
      return current('Pod has completed successfully')
    case 'Failed':
      return current('Pod has completed, but not successfully')
    case 'Running': {
      if (conditionOf(object, 'Ready')?.status === 'True') return current('Pod is Ready')
      const crashing = crashLooping(object)
      if (crashing.length > 0) {
        return failed('ContainerCrashLooping', `Containers in CrashLoop state: ${crashing.join(',')}`)
      }
      return inProgress('PodRunningNotReady', 'Pod is running but is not Ready')
    }
    case 'Pending': {
      const scheduled = conditionOf(object, 'PodScheduled')
      if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') {
        return inProgress('PodPending', 'Pod is in the Pending phase')
      }
      const age = now.getTime() - Date.parse(object.metadata.creationTimestamp ?? '')
      if (age < scheduleMs) return inProgress('PodNotScheduled', 'Pod has not been scheduled')
      return failed('PodUnschedulable', 'Pod could not be scheduled')
    }
    case '':
      return inProgress('PodNotObserved', 'Pod phase not available')
  }
  return { status: 'Unknown', reason: '', message: `unknown phase ${phase}` }
}

function crashLooping(object: KubeObject): string[] {
  const statuses = valueAt(object, ['status', 'containerStatuses'])
  if (!Array.isArray(statuses)) return []
  return statuses
    .filter(status => valueAt(status, ['state', 'waiting', 'reason']) === 'CrashLoopBackOff')
    .map(status => (isObject(status) ? String(status['name']) : '?'))
}
