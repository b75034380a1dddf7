import { z } from 'zod'
import { applyMove, planMove } from '../../../gitops/index.ts'
import { redact } from '../../../secrets/secret.ts'
import { jobSchema } from '../../contract/live.ts'
import { moveWishSchema } from '../../contract/move.ts'
import { defineRoute } from '../../http/route.ts'
import { planView } from '../../move/plan-view.ts'
import { withMove } from '../../move/with-move.ts'
import { administrator, everything } from './needs.ts'

const asJob = {
  needs: administrator,
  params: z.object({ id: z.string().max(100) }),
  body: moveWishSchema,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
} as const

export const planFleetMove = defineRoute({
  method: 'post',
  path: '/api/v1/connections/{id}/move/plan',
  tag: 'connections',
  summary: 'Plan to move the fleet to the place that a connection reaches',
  description: 'Answers with a job that writes nothing; its result is the plan with every file and object.',
  ...asJob,
  async handle({ context, who, params, body }) {
    const connection = await context.connections.get(params.id)
    return context.jobs.start({
      kind: 'fleet.move.plan',
      object: `fleet, to connection ${connection.name}`,
      who,
      scope: everything,
      steps: [{ id: 'plan', title: 'look at every step, and write nothing' }],
      run: job =>
        job.during('plan', () =>
          withMove(context, { connection, wish: body, who, signal: job.signal }, async (move, target) =>
            planView(target, await planMove(move)),
          ),
        ),
    })
  },
})

export const moveFleet = defineRoute({
  method: 'post',
  path: '/api/v1/connections/{id}/move',
  tag: 'connections',
  summary: 'Move the fleet to the place that a connection reaches; started again after an end, it goes on',
  ...asJob,
  async handle({ context, who, params, body }) {
    const connection = await context.connections.get(params.id)
    return context.jobs.start({
      kind: 'fleet.move',
      object: `fleet, to connection ${connection.name}`,
      who,
      scope: everything,
      steps: [],
      run: job =>
        withMove(context, { connection, wish: body, who, signal: job.signal }, async (move, target) => {
          let current = ''
          const report = await applyMove({
            ...move,
            onEvent: event => {
              if (event.type === 'step-progress') return job.step(current, { detail: redact(event.text) })
              const id = event.title
              current = id
              if (event.type === 'step-started') job.step(id, { title: id, state: 'running' })
              else if (event.type === 'step-skipped') job.step(id, { title: id, state: 'not-run' })
              else if (event.type === 'step-finished')
                job.step(id, { state: 'done', ms: event.ms, detail: redact(event.summary) })
              else {
                const { message, next } = event.error
                job.step(id, { state: 'failed', ms: event.ms, detail: redact(message), next: redact(next) })
              }
            },
            onReview: event =>
              event.type === 'request-open' && job.step(current, { detail: `waits for ${event.request.url}` }),
          })
          job.note({ detail: { target }, ...(report.commit === undefined ? {} : { commit: report.commit }) })
          // Also after a failure: it may have come after the switch.
          await context.repository.moved().catch(() => {})
          for (const topic of ['repository', 'fleet', 'connections']) context.live.publish({ topic })
          if (report.error) throw report.error
          return { target, commit: report.commit }
        }),
    })
  },
})
