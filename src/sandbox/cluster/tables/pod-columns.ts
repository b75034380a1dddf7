import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { ageColumn, at, columns, listAt, numberAt, stringAt, text } from './column.ts'
import { age } from './human-duration.ts'

type Fields = Record<string, unknown>

/** Pods, as kubectl's printer shows them: the status column tells the first thing that is wrong. */
export const podColumns = columns(
  text('Ready', pod => {
    const total = listAt(pod, 'spec.containers').length + restartable(pod).length
    return `${readyCount(pod)}/${total}`
  }),
  text('Status', podStatus),
  text('Restarts', restarts),
  ageColumn,
  text(
    'IP',
    pod => stringAt(listAt(pod, 'status.podIPs')[0] ?? pod, at(pod, 'status.podIPs') ? 'ip' : 'status.podIP', '<none>'),
    1,
  ),
  text('Node', pod => stringAt(pod, 'spec.nodeName', '<none>'), 1),
  text('Nominated Node', pod => stringAt(pod, 'status.nominatedNodeName', '<none>'), 1),
  text('Readiness Gates', readinessGates, 1),
)

function restartable(pod: KubeObject): Fields[] {
  return listAt(pod, 'spec.initContainers').filter(container => container['restartPolicy'] === 'Always')
}

function readyCount(pod: KubeObject): number {
  const sidecars = new Set(restartable(pod).map(container => container['name']))
  const inits = listAt(pod, 'status.initContainerStatuses').filter(
    status => sidecars.has(status['name']) && status['started'] === true && status['ready'] === true,
  )
  const ready = listAt(pod, 'status.containerStatuses').filter(
    status => status['ready'] === true && at(status, 'state.running') !== undefined,
  )
  return ready.length + inits.length
}

function podStatus(pod: KubeObject): string {
  let reason = stringAt(pod, 'status.reason') || stringAt(pod, 'status.phase')
  if (listAt(pod, 'status.conditions').some(c => c['type'] === 'PodScheduled' && c['reason'] === 'SchedulingGated')) {
    reason = 'SchedulingGated'
  }
  const initializing = initStatus(pod)
  if (initializing !== undefined) reason = initializing
  else reason = mainStatus(pod, reason)
  if (pod.metadata.deletionTimestamp === undefined) return reason
  if (stringAt(pod, 'status.reason') === 'NodeLost') return 'Unknown'
  return reason === 'Succeeded' || reason === 'Failed' ? reason : 'Terminating'
}

function initStatus(pod: KubeObject): string | undefined {
  const containers = listAt(pod, 'spec.initContainers')
  const sidecars = new Set(restartable(pod).map(container => container['name']))
  for (const [i, status] of listAt(pod, 'status.initContainerStatuses').entries()) {
    const terminated = at(status, 'state.terminated')
    if (isObject(terminated)) {
      if (terminated['exitCode'] === 0) continue
      return `Init:${endReason(terminated)}`
    }
    if (sidecars.has(status['name']) && status['started'] === true) continue
    const waiting = stringAt(status, 'state.waiting.reason')
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`
    return `Init:${i}/${containers.length}`
  }
  return undefined
}

function mainStatus(pod: KubeObject, phase: string): string {
  let reason = phase
  let running = false
  for (const status of listAt(pod, 'status.containerStatuses').reverse()) {
    const waiting = stringAt(status, 'state.waiting.reason')
    const terminated = at(status, 'state.terminated')
    if (waiting !== '') reason = waiting
    else if (isObject(terminated)) reason = endReason(terminated)
    else if (status['ready'] === true && at(status, 'state.running') !== undefined) running = true
  }
  if (reason === 'Completed' && running) {
    const ready = listAt(pod, 'status.conditions').some(c => c['type'] === 'Ready' && c['status'] === 'True')
    return ready ? 'Running' : 'NotReady'
  }
  return reason
}

function endReason(terminated: Fields): string {
  if (typeof terminated['reason'] === 'string' && terminated['reason'] !== '') return terminated['reason']
  return terminated['signal'] ? `Signal:${terminated['signal']}` : `ExitCode:${terminated['exitCode'] ?? 0}`
}

function restarts(pod: KubeObject, now: Date): string {
  const statuses = [...listAt(pod, 'status.containerStatuses')]
  const total = statuses.reduce((sum, status) => sum + numberAt(status, 'restartCount'), 0)
  const last = statuses
    .map(status => stringAt(status, 'lastState.terminated.finishedAt'))
    .filter(time => time !== '')
    .sort()
    .at(-1)
  return total > 0 && last !== undefined ? `${total} (${age(last, now)} ago)` : String(total)
}

function readinessGates(pod: KubeObject): string {
  const gates = listAt(pod, 'spec.readinessGates')
  if (gates.length === 0) return '<none>'
  const conditions = listAt(pod, 'status.conditions')
  const met = gates.filter(gate => conditions.some(c => c['type'] === gate['conditionType'] && c['status'] === 'True'))
  return `${met.length}/${gates.length}`
}
