import { z } from 'zod'
import { applicationChangeSchema } from './application-changes.ts'
import { fileDiffSchema } from './repository.ts'
import { chartMoveSchema, valueChangeSchema, valueProblemSchema } from './values.ts'

/**
 * POST /api/v1/applications/changes/preview: what the commit would be. Fast: Git and values alone. Nothing is written.
 * It answers while the gate is closed, too, so that people can look; `gate` says why it cannot be made.
 */
export const changePreviewWishSchema = z.object({ change: applicationChangeSchema })
export const changePreviewSchema = z.object({
  /** The commit that it was worked out from: sent back with the change. */
  tip: z.string(),
  repository: z.object({ url: z.string(), branch: z.string() }),
  /** Message of the commit. */
  message: z.string(),
  author: z.object({ name: z.string(), email: z.string() }),
  /** Empty: Git says that already. */
  files: z.array(fileDiffSchema),
  /**
   * Of an application with a repository of its own: the commits in the order that they are made in. A run that was ended between
   * them is finished by the same change, made again.
   */
  commits: z
    .array(
      z.object({
        repository: z.string(),
        branch: z.string(),
        message: z.string(),
        /** Paths in `files`. */
        files: z.array(z.string()),
        /** The repository is made first. */
        makes: z.boolean(),
      }),
    )
    .optional(),
  /** What people should know of the repositories. */
  notes: z.array(z.string()).optional(),
  /** Why it goes by a pull or merge request; absent: it is pushed to the branch. */
  review: z.string().optional(),
  gate: z.object({ open: z.boolean(), why: z.string().optional(), next: z.string().optional() }),
  /** What changes for each environment. */
  environments: z.array(
    z.object({
      environment: z.string(),
      /** `new`: it is not deployed there yet; `gone`: it is taken away. */
      change: z.enum(['new', 'changed', 'gone', 'same']),
      values: z.array(valueChangeSchema),
      chart: chartMoveSchema.optional(),
      suspended: z.object({ before: z.boolean(), after: z.boolean() }).optional(),
      /** Paths of sealed values that are set or replaced; what they are is not shown. */
      secrets: z.array(z.array(z.string())),
      /** What the chart's schema has against the result. A change with problems is refused (E_APP_VALUES). */
      problems: z.array(valueProblemSchema),
    }),
  ),
  /** Objects that go from the cluster: `Deployment/shop-staging/shop`. For removals. */
  goes: z.array(z.string()),
  /** What would go and cannot be told. */
  goesProblem: z.string().optional(),
})
export type ChangePreview = z.infer<typeof changePreviewSchema>
