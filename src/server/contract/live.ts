import { z } from 'zod'

/**
 * One message of GET /api/v1/live (SSE, `event: change`, `id:` is the number for Last-Event-ID).
 * It says that something changed, not what it is now: the page asks for what it shows again. `data` is there where the
 * change is small and a page would want it at once (a line of a job).
 * After a gap the stream sends `event: reset`: everything that is shown has to be asked for again.
 */
export const liveChangeSchema = z.object({
  /** What changed: `connections`, `fleet`, `applications/shop`, `job/8f3…`. */
  topic: z.string(),
  /** ISO 8601. */
  at: z.string(),
  data: z.unknown().optional(),
})
export type LiveChange = z.infer<typeof liveChangeSchema>

/** A piece of work that takes longer than a request: GET /api/v1/jobs/{id}; its topic is `job/{id}`. */
export const jobSchema = z.object({
  id: z.string(),
  /** `connection.validate`, `fleet.scale`, `application.deploy`, … */
  kind: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  /** Steps in their order; those that come later are there from the start as `waiting`. */
  steps: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(['waiting', 'running', 'done', 'warned', 'failed', 'not-run']),
      /** Milliseconds it took. */
      ms: z.number().optional(),
      /** What was found, or went wrong; plain text. */
      detail: z.string().optional(),
      /** Where it can be seen: the request at the Git host. */
      link: z.object({ url: z.string(), title: z.string() }).optional(),
      /** The other side's own words. */
      said: z.string().optional(),
      /** What to do about it. */
      next: z.string().optional(),
    }),
  ),
  /** What came of it; its shape depends on the kind. */
  result: z.unknown().optional(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      object: z.string().optional(),
      expected: z.string().optional(),
      seen: z.string().optional(),
      next: z.string().optional(),
    })
    .optional(),
})
export type Job = z.infer<typeof jobSchema>
