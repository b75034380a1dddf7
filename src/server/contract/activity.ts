import { z } from 'zod'

/** GET /api/v1/activity/sync?days= (viewer of everything): the fleet's revisions from fetched to live, oldest first. */
export const syncHistorySchema = z.object({
  passes: z.array(
    z.object({
      applier: z.string(),
      revision: z.string(),
      fetchedAt: z.string(),
      /** Milliseconds after it was fetched. */
      appliedMs: z.number().optional(),
      readyMs: z.number().optional(),
    }),
  ),
  /** Of `readyMs`, in milliseconds; absent without any. */
  p50: z.number().optional(),
  p95: z.number().optional(),
})
export type SyncHistory = z.infer<typeof syncHistorySchema>

/** GET /api/v1/activity/health (viewer of everything): what the server is made of, and whether it works. */
export const serverHealthSchema = z.object({
  version: z.string(),
  node: z.string(),
  startedAt: z.string(),
  /** This server and the others of its store. */
  servers: z.array(z.object({ id: z.string(), startedAt: z.string(), self: z.boolean() })),
  tabs: z.number(),
  parts: z.array(
    z.object({
      id: z.enum(['store', 'cluster', 'engine', 'helm']),
      title: z.string(),
      state: z.enum(['agreed', 'attention', 'broken', 'paused']),
      /** What it is: `SQLite`, `helm 4.1.4`. */
      what: z.string(),
      detail: z.string().optional(),
    }),
  ),
})
export type ServerHealth = z.infer<typeof serverHealthSchema>
