import { z } from 'zod'
import { SluiceError } from '../../base/errors/index.ts'
import { findJob, listJobs as listRows } from '../../store/tables/jobs.ts'
import { jobSchema } from '../contract/live.ts'
import { defineRoute } from '../http/route.ts'
import { jobOf } from '../jobs/job-row.ts'
import { maySeeRow, mayStopRow, reachOf } from '../jobs/may-see.ts'

const params = z.object({ id: z.string().max(100) })

const listJobs = defineRoute({
  method: 'get',
  path: '/api/v1/jobs',
  tag: 'jobs',
  summary: 'Jobs that you may see, newest first',
  needs: 'signed-in',
  query: z.object({
    kind: z.string().max(100).optional(),
    object: z.string().max(500).optional(),
    state: jobSchema.shape.state.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  answer: z.object({ jobs: z.array(jobSchema) }),
  async handle({ context, who, query }) {
    const { kind, object, state, limit } = query
    const rows = await listRows(context.store.db, {
      limit,
      within: reachOf(who),
      ...(kind === undefined ? {} : { kind }),
      ...(object === undefined ? {} : { object }),
      ...(state === undefined ? {} : { state }),
    })
    return { jobs: rows.filter(row => maySeeRow(who, row)).map(jobOf) }
  },
})

const getJob = defineRoute({
  method: 'get',
  path: '/api/v1/jobs/{id}',
  tag: 'jobs',
  summary: 'One job: its steps, and what came of it',
  description: 'Its live topic is `job/{id}`; the data of each change is the job as it is then.',
  needs: 'signed-in',
  params,
  answer: jobSchema,
  async handle({ context, who, params }) {
    const row = await findJob(context.store.db, params.id)
    // Who may not see it is not told that it is there.
    if (row === undefined || !maySeeRow(who, row)) throw new SluiceError('E_NOT_FOUND', { object: `job ${params.id}` })
    return jobOf(row)
  },
})

const cancelJob = defineRoute({
  method: 'post',
  path: '/api/v1/jobs/{id}/cancel',
  tag: 'jobs',
  summary: 'Ask a running job to stop; what it did until then stays',
  needs: 'signed-in',
  params,
  answer: jobSchema,
  status: 202,
  audit: { action: 'job.cancel', object: ({ params }) => `job ${params.id}` },
  async handle({ context, who, params, note }) {
    const row = await findJob(context.store.db, params.id)
    if (row === undefined || !maySeeRow(who, row)) throw new SluiceError('E_NOT_FOUND', { object: `job ${params.id}` })
    if (!mayStopRow(who, row))
      throw new SluiceError('E_FORBIDDEN', { object: `job ${params.id}`, expected: 'the role operator where it works' })
    note({ object: row.object, detail: { job: row.id, kind: row.kind } })
    if (row.state === 'running') context.jobs.cancel(row.id)
    return jobOf(row)
  },
})

export const jobRoutes = [listJobs, getJob, cancelJob]
