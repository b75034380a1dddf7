import type { Clock } from '../../base/clock.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Store } from '../../store/index.ts'
import { type JobsTable, updateJob } from '../../store/tables/jobs.ts'
import type { Audit, AuditEntry } from '../audit.ts'
import type { LiveHub } from '../live/hub.ts'
import { endSteps, type JobStep, problemOf } from './job-row.ts'

/** Says of a job whose server is gone, and that nobody goes on with, that it failed. */
export async function failOrphan(
  {
    store,
    clock,
    live,
    audit,
  }: { readonly store: Store; readonly clock: Clock; readonly live: LiveHub; readonly audit: Audit },
  row: JobsTable,
): Promise<void> {
  const steps = endSteps(JSON.parse(row.steps) as JobStep[])
  const ended_at = clock.now().toISOString()
  const error = JSON.stringify(problemOf(new SluiceError('E_SERVER_ENDED', { object: row.object })))
  const end = { state: 'failed', ended_at, steps: JSON.stringify(steps), error, resume: null } as const
  // The server that ran it wrote no entry any more, and it may have made a commit.
  const entry: AuditEntry = {
    by: { id: row.who_id, name: row.who },
    action: row.kind,
    object: row.object,
    ...(row.project === null ? {} : { project: row.project }),
    ...(row.environment === null ? {} : { environment: row.environment }),
    outcome: 'failed',
    detail: { error: 'E_SERVER_ENDED', job: row.id, note: 'what was done until then stays' },
  }
  const isOurs = await store.transaction(async db => {
    if (!(await updateJob(db, row, end))) return false
    await audit.insert(entry, db)
    return true
  })
  if (!isOurs) return
  live.publish({ topic: `job/${row.id}` })
  audit.told(entry)
}
