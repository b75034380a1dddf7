import type { FieldError } from '../../../kube/field-error.ts'
import { invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { cronProblem } from './cron-schedule.ts'
import { child, ensure, setDefault, text } from './fields.ts'
import { jobSpecErrors } from './job.ts'
import { nonNegative } from './numbers.ts'
import { defaultTemplate } from './pod-defaults.ts'

/** Rules of batch/v1 CronJobs. */
export const cronJobStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'concurrencyPolicy', 'Allow')
    if (typeof spec['suspend'] !== 'boolean') spec['suspend'] = false
    setDefault(spec, 'successfulJobsHistoryLimit', 3)
    setDefault(spec, 'failedJobsHistoryLimit', 1)
    const template = ensure(spec, 'jobTemplate')
    ensure(template, 'metadata')
    defaultTemplate(ensure(template, 'spec'))
  },
  prepareCreate(object) {
    object['status'] = {}
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? {}
  },
  validateCreate: object => specErrors(object),
  validateUpdate: object => specErrors(object),
  hasGeneration: true,
}

/** The longest name of which a job's name can still be made. */
const longestName = 52

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors: FieldError[] = []
  if ((object.metadata.name ?? '').length > longestName) {
    errors.push(invalid('metadata.name', object.metadata.name, `must be no more than ${longestName} characters`))
  }
  const schedule = text(spec, 'schedule')
  if (schedule === '') errors.push(required('spec.schedule'))
  else {
    const problem = cronProblem(schedule)
    if (problem !== undefined) errors.push(invalid('spec.schedule', schedule, problem))
  }
  const zone = text(spec, 'timeZone')
  if (zone !== '' && !isTimeZone(zone)) errors.push(invalid('spec.timeZone', zone, `unknown time zone ${zone}`))
  const policy = text(spec, 'concurrencyPolicy')
  if (!['Allow', 'Forbid', 'Replace'].includes(policy)) {
    errors.push(
      policy === ''
        ? required('spec.concurrencyPolicy')
        : notSupported('spec.concurrencyPolicy', policy, ['Allow', 'Forbid', 'Replace']),
    )
  }
  const counts = ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit']
  errors.push(...nonNegative(spec, counts, 'spec'))
  errors.push(...jobSpecErrors(child(child(spec, 'jobTemplate') ?? {}, 'spec') ?? {}, 'spec.jobTemplate.spec', false))
  return errors
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
