import { z } from 'zod'
import { manifestDiffSchema } from './manifest-diff.ts'
import { commitSchema } from './repository.ts'
import { chartChoiceSchema, chartMoveSchema, valueChangeSchema } from './values.ts'

export const releaseSchema = z.object({
  commit: commitSchema,
  /** `new`: first there; `gone`: taken out of the environment. */
  change: z.enum(['new', 'changed', 'gone']),
  chart: chartChoiceSchema.optional(),
  image: z.string().optional(),
  suspended: z.boolean().optional(),
  /** What it changed against the release before. */
  values: z.array(valueChangeSchema),
  chartMove: chartMoveSchema.optional(),
  /** `live`: what the cluster has now; `pending`: the newest, on its way; `failed`: it did not become healthy. */
  state: z.enum(['live', 'pending', 'failed', 'past']),
  /** Milliseconds from commit to healthy, where the server saw it. */
  healthyAfterMs: z.number().optional(),
})
export type ReleaseView = z.infer<typeof releaseSchema>

/** GET /api/v1/applications/{app}/releases?environment=&limit= (viewer there): newest first. */
export const releasesSchema = z.object({ environment: z.string(), releases: z.array(releaseSchema) })

/**
 * GET /api/v1/applications/{app}/compare?environment=&from=&to=&rendered= (viewer there): two commits that touch what they see; values, and with
 * `rendered=true` the manifests.
 */
export const compareSchema = z.object({
  from: commitSchema,
  to: commitSchema,
  values: z.array(valueChangeSchema),
  chart: chartMoveSchema.optional(),
  /** Unified diff of the effective values as YAML. */
  valuesDiff: z.string(),
  rendered: manifestDiffSchema.optional(),
})
export type CompareView = z.infer<typeof compareSchema>
