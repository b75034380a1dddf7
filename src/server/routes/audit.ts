import { z } from 'zod'
import { everything } from '../../access/index.ts'
import { listAudit } from '../../store/tables/audit.ts'
import { auditPageSchema } from '../contract/audit.ts'
import { defineRoute } from '../http/route.ts'

const getAudit = defineRoute({
  method: 'get',
  path: '/api/v1/audit',
  tag: 'audit',
  summary: 'The audit log, newest first',
  needs: { role: 'administrator', scope: everything },
  query: z.object({
    before: z.coerce.number().int().positive().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    who: z.string().max(100).optional(),
    action: z.string().max(100).optional(),
    object: z.string().max(500).optional(),
    project: z.string().max(100).optional(),
  }),
  answer: auditPageSchema,
  async handle({ context, query }) {
    const { before, limit, who, action, object, project } = query
    // One more than asked for tells whether there is a next page.
    const rows = await listAudit(context.store.db, {
      limit: limit + 1,
      ...(before === undefined ? {} : { before }),
      ...(who === undefined ? {} : { who }),
      ...(action === undefined ? {} : { action }),
      ...(object === undefined ? {} : { object }),
      ...(project === undefined ? {} : { project }),
    })
    const shown = rows.slice(0, limit)
    const last = shown.at(-1)
    return {
      entries: shown.map(row => ({
        id: row.id,
        at: row.at,
        whoId: row.who_id,
        who: row.who,
        via: row.via,
        address: row.address,
        action: row.action,
        object: row.object,
        ...(row.project === null ? {} : { project: row.project }),
        ...(row.environment === null ? {} : { environment: row.environment }),
        outcome: row.outcome,
        ...(row.commit_id === null ? {} : { commit: row.commit_id }),
        detail: JSON.parse(row.detail) as Record<string, unknown>,
        requestId: row.request_id,
      })),
      ...(rows.length > limit && last !== undefined ? { next: last.id } : {}),
    }
  },
})

export const auditRoutes = [getAudit]
