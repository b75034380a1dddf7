import { asSluiceError } from '../../base/errors/index.ts'
import type { JobsTable } from '../../store/tables/jobs.ts'
import type { Job } from '../contract/live.ts'
import { redactedJson } from '../redact-data.ts'

export type JobStep = Job['steps'][number]

/** A row as the API gives it. */
export function jobOf(row: JobsTable): Job {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    startedAt: row.started_at,
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    steps: JSON.parse(row.steps) as JobStep[],
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as unknown }),
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as NonNullable<Job['error']> }),
  }
}

/** What is kept of the failure of a job. */
export function problemOf(error: unknown): NonNullable<Job['error']> {
  const { code, message, facts, next } = asSluiceError(error)
  const { object, expected, seen } = facts
  return JSON.parse(redactedJson({ code, message, object, expected, seen, next }))
}

/** A change of a step without secrets. */
export function cleanStep(change: Partial<Omit<JobStep, 'id'>>): Record<string, unknown> {
  return JSON.parse(redactedJson(change))
}

/** Steps that a job ended in front of. */
export function endSteps(steps: readonly JobStep[]): JobStep[] {
  return steps.map(step =>
    step.state === 'waiting'
      ? { ...step, state: 'not-run' }
      : step.state === 'running'
        ? { ...step, state: 'failed' }
        : step,
  )
}
