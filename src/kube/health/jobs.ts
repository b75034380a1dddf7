import { valueAt } from '../../base/json.ts'
import type { KubeObject } from '../object.ts'
import { conditionsOf, intAt, textAt } from './fields.ts'
import { current, failed, inProgress } from './result.ts'
import type { Health, HealthOptions } from './types.ts'

/** `batch/Job`: kstatus is content when it runs, Flux when it has completed. */
export function jobHealth(object: KubeObject, options: HealthOptions): Health {
  return options.jobs === 'flux' ? fluxJob(object) : plainJob(object)
}

function plainJob(object: KubeObject): Health {
  const { parallelism, completions, succeeded, active, failures } = countsOf(object)
  for (const { type, status } of conditionsOf(object)) {
    if (status !== 'True') continue
    if (type === 'Complete') return current(`Job Completed. succeeded: ${succeeded}/${completions}`)
    if (type === 'Failed') return failed('JobFailed', `Job Failed. failed: ${failures}/${completions}`)
    if (type === 'Suspended' && valueAt(object, ['spec', 'suspend']) === true) {
      return current('Job is suspended.')
    }
  }
  if (textAt(object, ['status', 'startTime']) === '') return inProgress('JobNotStarted', 'Job not started')
  return current(
    `Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}, parallelism: ${parallelism}`,
  )
}

function fluxJob(object: KubeObject): Health {
  const { completions, succeeded, active, failures } = countsOf(object)
  if (valueAt(object, ['spec', 'suspend']) === true) return current('Job is suspended.')
  for (const { type, status } of conditionsOf(object)) {
    if (status !== 'True') continue
    if (type === 'Complete') return current(`Job Completed. succeeded: ${succeeded}/${completions}`)
    if (type === 'Failed') return failed('JobFailed', `Job Failed. failed: ${failures}/${completions}`)
  }
  if (textAt(object, ['status', 'startTime']) === '') return inProgress('JobNotStarted', 'Job not started')
  return inProgress('JobInProgress', `Job in progress. success:${succeeded}, active: ${active}, failed: ${failures}`)
}

function countsOf(
  object: KubeObject,
): Record<'parallelism' | 'completions' | 'succeeded' | 'active' | 'failures', number> {
  const parallelism = intAt(object, ['spec', 'parallelism'], 1)
  return {
    parallelism,
    completions: intAt(object, ['spec', 'completions'], parallelism),
    succeeded: intAt(object, ['status', 'succeeded'], 0),
    active: intAt(object, ['status', 'active'], 0),
    failures: intAt(object, ['status', 'failed'], 0),
  }
}
