import { z } from 'zod'
import { changePreviewWishSchema } from './change-preview.ts'
import { changeRequestSchema } from './repository.ts'

/**
 * POST /api/v1/applications/changes → 202 with a job `application.change`. Steps: `gate`, `commit` (or `request`, `review`),
 * and for each environment `{environment}/fetched|rendered|applied|healthy`. It ends healthy, or fails with what is to blame.
 * Refused with E_APP_CHANGED when what it changes was changed since `tip`, E_GATE_CLOSED, E_APP_VALUES, E_APP_SECRET_KEY.
 */
export const applyChangeWishSchema = changePreviewWishSchema.extend({
  tip: z.string().max(140),
  /** First line of the commit's message in place of the one in the preview. */
  subject: z.string().max(200).optional(),
  /** By a pull or merge request, although the branch takes pushes. */
  request: z.boolean().default(false),
  /** Follow it in the cluster until it is healthy; true when absent. */
  follow: z.boolean().default(true),
})
export type ApplyChangeWish = z.input<typeof applyChangeWishSchema>

/** The object, field and line that is to blame. */
export const culpritSchema = z.object({
  environment: z.string(),
  /** `Pod/shop-staging/shop-7d9c…`. */
  object: z.string(),
  message: z.string(),
  field: z.string().optional(),
  value: z.string().optional(),
  next: z.string().optional(),
  /** From the release to the object, each step in words. */
  steps: z.array(z.object({ object: z.string(), says: z.string() })),
  /** Where it is in Git. */
  file: z.string().optional(),
  line: z.number().optional(),
})
export type Culprit = z.infer<typeof culpritSchema>

/** The result of a job `application.change`; of one that failed after the commit, too, as `detail` of its steps. */
export const changeResultSchema = z.object({
  /** Absent: Git said that already. */
  commit: z.string().optional(),
  request: changeRequestSchema.optional(),
  environments: z.array(
    z.object({
      environment: z.string(),
      state: z.enum(['healthy', 'failed', 'not-followed']),
      culprit: culpritSchema.optional(),
    }),
  ),
})
export type ChangeResult = z.infer<typeof changeResultSchema>
