import { z } from 'zod'
import { plannedChecks } from '../../../forges/index.ts'
import { connectionSchema, gateSchema, proofSchema } from '../../contract/connections.ts'
import { jobSchema } from '../../contract/live.ts'
import { defineRoute } from '../../http/route.ts'
import { proveSaved } from '../../keep-proving.ts'
import { readGateOf } from '../../require-gate.ts'
import { administrator, everything } from './needs.ts'
import { checkTeller } from './tell.ts'
import { proofView, viewOf } from './view.ts'

const params = z.object({ id: z.string().max(100) })

export const listConnections = defineRoute({
  method: 'get',
  path: '/api/v1/connections',
  tag: 'connections',
  summary: 'Connections to Git hosts, and what is proven of each',
  needs: { role: 'viewer', scope: 'somewhere' },
  answer: z.object({ connections: z.array(connectionSchema) }),
  handle: async ({ context }) => ({
    connections: (await context.connections.list()).map(one => viewOf(one, context.clock.now())),
  }),
})

export const connectionHistory = defineRoute({
  method: 'get',
  path: '/api/v1/connections/{id}/history',
  tag: 'connections',
  summary: 'What was found each time that a connection was proven, newest first',
  needs: administrator,
  params,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answer: z.object({ proofs: z.array(proofSchema) }),
  async handle({ context, params, query }) {
    await context.connections.get(params.id)
    return { proofs: (await context.connections.history(params.id, query.limit)).map(proofView) }
  },
})

/** Proves a saved connection now, with what is saved. */
export const proveConnection = defineRoute({
  method: 'post',
  path: '/api/v1/connections/{id}/prove',
  tag: 'connections',
  summary: 'Prove a saved connection now',
  needs: administrator,
  params,
  answer: jobSchema,
  status: 202,
  audit: { none: 'the job writes the entry' },
  async handle({ context, who, params }) {
    const connection = await context.connections.get(params.id)
    return context.jobs.start({
      kind: 'connection.prove',
      object: `connection ${connection.name}`,
      who,
      scope: everything,
      steps: plannedChecks(connection.kind),
      run: async job => {
        const proof = await proveSaved(context, connection, job.signal, checkTeller(job, connection.kind))
        job.note({ detail: { outcome: proof.outcome } })
        return { proof: proofView(proof) }
      },
    })
  },
})

/** What the pages ask before they offer to deploy; the server asks the same where it deploys. */
export const readGate = defineRoute({
  method: 'get',
  path: '/api/v1/gate',
  tag: 'connections',
  summary: 'Whether something may be deployed, and why not',
  needs: { role: 'viewer', scope: 'somewhere' },
  query: z.object({ project: z.string().max(63).default('*'), environment: z.string().max(63).default('*') }),
  answer: gateSchema,
  async handle({ context, query }) {
    const gate = await readGateOf(context, query)
    const { connection } = gate
    return {
      open: gate.open,
      ...(connection === undefined
        ? {}
        : { connection: { id: connection.id, name: connection.name, host: connection.host, kind: connection.kind } }),
      ...(gate.open ? {} : { why: gate.why, next: gate.next }),
    }
  },
})
