import { z } from 'zod'

/** One entry of the audit log. */
export const auditEntrySchema = z.object({
  id: z.number(),
  at: z.string(),
  /** Id of the user; empty for the server itself or somebody unknown. */
  whoId: z.string(),
  who: z.string(),
  via: z.string(),
  address: z.string(),
  /** `user.create`, `connection.save`, `application.deploy`, … */
  action: z.string(),
  object: z.string(),
  project: z.string().optional(),
  environment: z.string().optional(),
  /** `started` for work that goes on as a job; its end is an entry of its own. */
  outcome: z.enum(['started', 'done', 'refused', 'failed']),
  commit: z.string().optional(),
  detail: z.record(z.string(), z.unknown()),
  requestId: z.string(),
})
export type AuditEntry = z.infer<typeof auditEntrySchema>

/** GET /api/v1/audit: newest first; ask again with `before` for the next page. */
export const auditPageSchema = z.object({
  entries: z.array(auditEntrySchema),
  /** `before` of the next page; absent at the end. */
  next: z.number().optional(),
})
export type AuditPage = z.infer<typeof auditPageSchema>
