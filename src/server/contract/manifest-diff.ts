import { z } from 'zod'

/** How one object differs. Secrets are masked. */
export const objectDiffSchema = z.object({
  object: z.string(),
  change: z.enum(['create', 'update', 'delete', 'none', 'refused']),
  /** Unified diff of YAML. */
  diff: z.string(),
  truncated: z.boolean(),
  /** Why the cluster would refuse it. */
  problem: z.string().optional(),
})
export type ObjectDiffView = z.infer<typeof objectDiffSchema>

export const manifestDiffSchema = z.object({
  environment: z.string(),
  /** `unavailable`: it could not be worked out, and `why` says so: no helm on the server, chart not reachable, … */
  state: z.enum(['done', 'unavailable']),
  why: z.string().optional(),
  objects: z.array(objectDiffSchema),
})
export type ManifestDiff = z.infer<typeof manifestDiffSchema>

/**
 * POST /api/v1/applications/changes/rendered: the same change, rendered by helm and tried against the cluster as a
 * server-side dry run. Slow (seconds): ask after the preview. Never fails for one environment: its `why` says.
 */
export const renderedPreviewSchema = z.object({
  /** What the chart makes of the values now and then. */
  manifest: z.array(manifestDiffSchema),
  /** What the cluster would say of it: server-side dry run against what is live. */
  cluster: z.array(manifestDiffSchema),
})
export type RenderedPreview = z.infer<typeof renderedPreviewSchema>
