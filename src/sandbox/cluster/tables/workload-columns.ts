import type { TableColumns } from '../kinds/types.ts'
import {
  ageColumn,
  at,
  type Column,
  columns,
  count,
  labelsText,
  listAt,
  numberAt,
  stringAt,
  templateColumns,
  text,
} from './column.ts'
import { age, humanDuration } from './human-duration.ts'
import { podColumns } from './pod-columns.ts'

const ready = (status: string): Column =>
  text('Ready', object => `${numberAt(object, `status.${status}`)}/${numberAt(object, 'spec.replicas')}`)

/** Columns of the kinds that run pods. */
export const workloadColumns: Readonly<Record<string, TableColumns>> = {
  '/Pod': podColumns,
  'apps/Deployment': columns(
    ready('readyReplicas'),
    text('Up-to-date', object => numberAt(object, 'status.updatedReplicas')),
    text('Available', object => numberAt(object, 'status.availableReplicas')),
    ageColumn,
    ...templateColumns('spec.template', 'spec.selector'),
  ),
  'apps/ReplicaSet': columns(
    count('Desired', 'spec.replicas'),
    count('Current', 'status.replicas'),
    count('Ready', 'status.readyReplicas'),
    ageColumn,
    ...templateColumns('spec.template', 'spec.selector'),
  ),
  'apps/StatefulSet': columns(ready('readyReplicas'), ageColumn, ...templateColumns('spec.template')),
  'apps/DaemonSet': columns(
    count('Desired', 'status.desiredNumberScheduled'),
    count('Current', 'status.currentNumberScheduled'),
    count('Ready', 'status.numberReady'),
    count('Up-to-date', 'status.updatedNumberScheduled'),
    count('Available', 'status.numberAvailable'),
    text('Node Selector', object => labelsText(at(object, 'spec.template.spec.nodeSelector'))),
    ageColumn,
    ...templateColumns('spec.template', 'spec.selector'),
  ),
  'apps/ControllerRevision': columns(
    text('Controller', object => {
      const owner = object.metadata.ownerReferences?.find(reference => reference.controller)
      return owner === undefined ? '<none>' : `${owner.kind.toLowerCase()}.${groupOf(owner.apiVersion)}/${owner.name}`
    }),
    text('Revision', object => numberAt(object, 'revision')),
    ageColumn,
  ),
  'batch/Job': columns(
    text('Status', jobStatus),
    text('Completions', jobCompletions),
    text('Duration', (object, now) => {
      const start = stringAt(object, 'status.startTime')
      if (start === '') return ''
      const end = stringAt(object, 'status.completionTime')
      return humanDuration((end === '' ? now.getTime() : Date.parse(end)) - Date.parse(start))
    }),
    ageColumn,
    ...templateColumns('spec.template', 'spec.selector'),
  ),
  'batch/CronJob': columns(
    text('Schedule', object => stringAt(object, 'spec.schedule')),
    text('Timezone', object => stringAt(object, 'spec.timeZone', '<none>')),
    {
      name: 'Suspend',
      type: 'boolean',
      priority: 0,
      cell: object => (at(object, 'spec.suspend') === true ? 'True' : 'False'),
    },
    { name: 'Active', type: 'integer', priority: 0, cell: object => listAt(object, 'status.active').length },
    text('Last Schedule', (object, now) => {
      const last = at(object, 'status.lastScheduleTime')
      return last === undefined ? '<none>' : age(last, now)
    }),
    ageColumn,
    ...templateColumns('spec.jobTemplate.spec.template', 'spec.jobTemplate.spec.selector'),
  ),
  'autoscaling/HorizontalPodAutoscaler': columns(
    text(
      'Reference',
      object => `${stringAt(object, 'spec.scaleTargetRef.kind')}/${stringAt(object, 'spec.scaleTargetRef.name')}`,
    ),
    text('Targets', hpaTargets),
    text('MinPods', object => String(at(object, 'spec.minReplicas') ?? '<unset>')),
    text('MaxPods', object => numberAt(object, 'spec.maxReplicas')),
    text('Replicas', object => numberAt(object, 'status.currentReplicas')),
    ageColumn,
  ),
  'policy/PodDisruptionBudget': columns(
    text('Min Available', object => String(at(object, 'spec.minAvailable') ?? 'N/A')),
    text('Max Unavailable', object => String(at(object, 'spec.maxUnavailable') ?? 'N/A')),
    count('Allowed Disruptions', 'status.disruptionsAllowed'),
    ageColumn,
  ),
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

function jobStatus(object: unknown): string {
  const conditions = listAt(object, 'status.conditions')
  const has = (type: string): boolean => conditions.some(c => c['type'] === type && c['status'] === 'True')
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if ((object as { metadata: { deletionTimestamp?: string } }).metadata.deletionTimestamp !== undefined) {
    return 'Terminating'
  }
  if (has('Suspended')) return 'Suspended'
  if (has('FailureTarget')) return 'FailureTarget'
  return has('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running'
}

function jobCompletions(object: unknown): string {
  const wanted = at(object, 'spec.completions')
  const done = numberAt(object, 'status.succeeded')
  if (typeof wanted === 'number') return `${done}/${wanted}`
  const parallelism = numberAt(object, 'spec.parallelism')
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`
}

function hpaTargets(object: unknown): string {
  const metrics = listAt(object, 'spec.metrics')
  if (metrics.length === 0) return '<none>'
  const current = listAt(object, 'status.currentMetrics')
  const shown = metrics.slice(0, 2).map((metric, i) => {
    const name = stringAt(metric, 'resource.name')
    const target = at(metric, 'resource.target.averageUtilization')
    const now = at(current[i], 'resource.current.averageUtilization')
    if (target !== undefined)
      return `${name}: ${now === undefined ? '<unknown>' : `${String(now)}%`}/${String(target)}%`
    const value = at(metric, 'resource.target.averageValue')
    const seen = at(current[i], 'resource.current.averageValue')
    return `${name}: ${seen === undefined ? '<unknown>' : String(seen)}/${String(value ?? '<unset>')}`
  })
  return metrics.length > 2 ? `${shown.join(', ')} + ${metrics.length - 2} more...` : shown.join(', ')
}
