import { z } from 'zod'
import { type Principal, touches } from '../../../access/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import { type Connection, shownHost } from '../../../connections/index.ts'
import { plannedChecks } from '../../../forges/index.ts'
import type { ServerContext } from '../../context.ts'
import { gateSchema, proofSchema, type SomeConnection, someConnectionSchema } from '../../contract/connections.ts'
import { jobSchema } from '../../contract/live.ts'
import { defineRoute } from '../../http/route.ts'
import { proveSaved } from '../../keep-proving.ts'
import { readGateOf } from '../../require-gate.ts'
import { glanceOf, seesConnection, seesWhole } from '../../visible-connections.ts'
import { administrator, everything } from './needs.ts'
import { checkTeller } from './tell.ts'
import { proofView, viewOf } from './view.ts'

const viewer = { role: 'viewer', scope: 'somewhere' } as const
const params = z.object({ id: z.string().max(100) })

export const listConnections = defineRoute({
  method: 'get',
  path: '/api/v1/connections',
  tag: 'connections',
  summary: 'Connections to Git hosts, and what is proven of each',
  description:
    'Administrators of everything see all of each. Others see the state of the default one, and of those bound to places that they reach.',
  needs: viewer,
  answer: z.object({ connections: z.array(someConnectionSchema) }),
  handle: async ({ context, who }) => ({
    connections: (await context.connections.list())
      .filter(one => seesConnection(who, one))
      .map(one => asSeen(context, who, one)),
  }),
})

export const readConnection = defineRoute({
  method: 'get',
  path: '/api/v1/connections/{id}',
  tag: 'connections',
  summary: 'One connection, as far as you see it',
  needs: viewer,
  params,
  answer: someConnectionSchema,
  async handle({ context, who, params }) {
    const found = (await context.connections.list()).find(one => one.id === params.id)
    if (found !== undefined && seesConnection(who, found)) return asSeen(context, who, found)
    throw new SluiceError('E_CONNECTION_NOT_FOUND', { object: `connection ${params.id}` })
  },
})

function asSeen({ clock }: ServerContext, who: Principal, connection: Connection): SomeConnection {
  return seesWhole(who) ? viewOf(connection, clock.now()) : glanceOf(who, connection, clock.now())
}

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
  needs: viewer,
  query: z.object({ project: z.string().max(63).default('*'), environment: z.string().max(63).default('*') }),
  answer: gateSchema,
  async handle({ context, who, query }) {
    // Why is for those who reach the place; whether there is such a place is told to nobody here.
    if (!touches(who.grants, 'viewer', query)) return { open: false }
    const gate = await readGateOf(context, query)
    const { connection } = gate
    return {
      open: gate.open,
      ...(connection === undefined
        ? {}
        : {
            connection: {
              id: connection.id,
              name: connection.name,
              host: shownHost(connection),
              kind: connection.kind,
            },
          }),
      ...(gate.open ? {} : { why: gate.why, next: gate.next }),
    }
  },
})
