import { z } from 'zod'
import { culpritSchema } from './change-result.ts'
import { commitSchema } from './repository.ts'

export const stageSchema = z.object({
  name: z.enum(['committed', 'fetched', 'rendered', 'applied', 'healthy']),
  state: z.enum(['done', 'running', 'waiting', 'failed', 'not-run', 'paused']),
  at: z.string().optional(),
  /** Milliseconds since the commit came to the branch, where the server saw it. */
  ms: z.number().optional(),
  /** The engine's words. */
  detail: z.string().optional(),
  object: z.string().optional(),
})
export type StageView = z.infer<typeof stageSchema>

/**
 * GET /api/v1/applications/{app}/timeline?environment=&commit= (viewer there): the way of a commit into an environment; of the
 * newest release when no commit is named. Live topic `applications/{app}` tells when to ask again.
 */
export const timelineSchema = z.object({
  environment: z.string(),
  commit: commitSchema,
  stages: z.array(stageSchema),
  /** On failure. */
  culprit: culpritSchema.optional(),
})
export type TimelineView = z.infer<typeof timelineSchema>

/** GET /api/v1/latency?since=&application=&environment= (viewer somewhere): commit to live over time, oldest first. */
export const latencySchema = z.object({
  points: z.array(
    z.object({
      application: z.string(),
      environment: z.string(),
      commit: z.string(),
      committedAt: z.string(),
      /** Milliseconds from the commit to each stage that was seen. */
      stages: z.object({
        fetched: z.number().optional(),
        rendered: z.number().optional(),
        applied: z.number().optional(),
        healthy: z.number().optional(),
      }),
    }),
  ),
})
export type LatencyView = z.infer<typeof latencySchema>
