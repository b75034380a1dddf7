import { z } from 'zod'
import { objectNameSchema } from './reconciliation.ts'
import { commitSchema } from './repository.ts'

/**
 * GET /api/v1/search?text= (viewer somewhere; only what one's roles reach): what is called so, best first, a few of each kind.
 * A part that cannot be asked now is left empty: its own page says why.
 */
export const searchSchema = z.object({
  applications: z.array(z.object({ name: z.string(), title: z.string(), project: z.string() })),
  clusters: z.array(z.object({ namespace: z.string(), name: z.string(), role: z.enum(['management', 'workload']) })),
  groups: z.array(
    z.object({
      namespace: z.string(),
      cluster: z.string(),
      name: z.string(),
      /** Whether Git has its size: it can be scaled by a commit. */
      inGit: z.boolean(),
    }),
  ),
  charts: z.array(z.object({ repository: z.string(), name: z.string(), version: z.string() })),
  objects: z.array(
    objectNameSchema.extend({
      role: z.enum(['source', 'applier', 'notification', 'object']),
      word: z.string(),
      suspended: z.boolean(),
      project: z.string().optional(),
      environment: z.string().optional(),
    }),
  ),
  /** Commits whose id begins so, for viewers of everything. */
  commits: z.array(commitSchema),
})
export type SearchView = z.infer<typeof searchSchema>
