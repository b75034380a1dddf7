import { isObject, valueAt } from '../base/json.ts'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'

/** What is wrong with a Pod, in terms of the workload that made it. */
export interface PodTrouble {
  readonly pod: string
  /** The kubelet's or scheduler's own word: `ImagePullBackOff`. */
  readonly reason: string
  /** What it means, as the end of a sentence that begins with the Pod: `cannot pull the image nginx:nope`. */
  readonly says: string
  readonly message?: string
  /** Field of the Pod's spec that is to blame; undefined when none is. */
  readonly field?: string
  /** What stands in the field. */
  readonly value?: string
}

const imageReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
])
const configReasons = new Set(['CreateContainerConfigError', 'CreateContainerError', 'RunContainerError'])

/** Why a Pod does not run; undefined when it does, or is on its way. */
export function podTrouble(pod: KubeObject): PodTrouble | undefined {
  return containerTrouble(pod) ?? schedulingTrouble(pod) ?? readinessTrouble(pod)
}

function containerTrouble(pod: KubeObject): PodTrouble | undefined {
  for (const [list, statuses] of [
    ['initContainers', 'initContainerStatuses'],
    ['containers', 'containerStatuses'],
  ] as const) {
    for (const status of objectsAt(pod, ['status', statuses])) {
      const waiting = valueAt(status, ['state', 'waiting'])
      if (!isObject(waiting) || typeof waiting['reason'] !== 'string') continue
      const reason = waiting['reason']
      const containers = objectsAt(pod, ['spec', list])
      const index = containers.findIndex(one => one['name'] === status['name'])
      const at = `${list}[${Math.max(0, index)}]`
      const message = typeof waiting['message'] === 'string' ? { message: waiting['message'] } : {}
      const about = { pod: pod.metadata.name ?? '', reason, ...message }
      const name = String(status['name'])
      if (imageReasons.has(reason)) {
        const value = String(valueAt(containers[index], ['image']) ?? status['image'] ?? '')
        return { ...about, says: `cannot pull the image ${value}`, field: `${at}.image`, value }
      }
      if (configReasons.has(reason)) return { ...about, says: `cannot make the container ${name}`, field: at }
      if (reason === 'CrashLoopBackOff') {
        const last = valueAt(status, ['lastState', 'terminated'])
        const exit = isObject(last) && last['exitCode'] !== undefined ? ` with exit code ${last['exitCode']}` : ''
        const why = isObject(last) && last['reason'] === 'OOMKilled' ? ', killed for using too much memory' : ''
        return { ...about, says: `runs a container, ${name}, that ends again and again${exit}${why}`, field: at }
      }
    }
  }
  return undefined
}

function schedulingTrouble(pod: KubeObject): PodTrouble | undefined {
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status !== 'False' || scheduled.reason !== 'Unschedulable') return undefined
  const message = scheduled.message ? { message: scheduled.message } : {}
  return { pod: pod.metadata.name ?? '', reason: 'Unschedulable', says: 'fits on no node', ...message }
}

function readinessTrouble(pod: KubeObject): PodTrouble | undefined {
  const ready = conditionOf(pod, 'Ready')
  if (valueAt(pod, ['status', 'phase']) !== 'Running' || ready?.status !== 'False') return undefined
  const message = ready.message ? { message: ready.message } : {}
  return {
    pod: pod.metadata.name ?? '',
    reason: ready.reason ?? 'NotReady',
    says: 'runs, but is not ready',
    ...message,
  }
}

function objectsAt(value: unknown, path: string[]): Record<string, unknown>[] {
  const list = valueAt(value, path)
  return Array.isArray(list) ? list.filter(isObject) : []
}
