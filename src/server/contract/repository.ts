import { z } from 'zod'

/** A commit, as the pages name it. Everything in it is somebody's text. */
export const commitSchema = z.object({
  sha: z.string(),
  /** First line of the message. */
  subject: z.string(),
  author: z.object({ name: z.string(), email: z.string() }),
  /** ISO 8601. */
  date: z.string(),
  /** Page of the commit on the Git host, where the host has pages. */
  url: z.string().optional(),
})
export type CommitView = z.infer<typeof commitSchema>

/** A file that a commit would change. */
export const fileDiffSchema = z.object({
  path: z.string(),
  change: z.enum(['add', 'change', 'remove']),
  /** Unified; '' for files that are no text. Sealed values are shown as they are in Git: sealed. */
  diff: z.string(),
  added: z.number(),
  removed: z.number(),
  /** The diff was cut: it is longer than a page shows. */
  truncated: z.boolean(),
})
export type FileDiff = z.infer<typeof fileDiffSchema>

/**
 * GET /api/v1/repository: the repository that the cluster follows, as the server reads it (viewer somewhere).
 * Live topic `repository`: the tip moved, or the state changed.
 */
export const repositorySchema = z.object({
  /**
   * `ready`; `none`: no cluster, or it follows nothing; `no-connection`: no connection is for its host;
   * `unreachable`: the host could not be asked of late, what is shown is of `fetchedAt`.
   */
  state: z.enum(['ready', 'none', 'no-connection', 'unreachable']),
  /** Clone address, without credentials. */
  url: z.string().optional(),
  branch: z.string().optional(),
  /** Folder that the cluster applies. */
  path: z.string().optional(),
  tip: commitSchema.optional(),
  fetchedAt: z.string().optional(),
  connection: z.object({ id: z.string(), name: z.string(), host: z.string() }).optional(),
  /** Why it is not ready, and what to do. */
  problem: z.object({ code: z.string(), message: z.string(), next: z.string() }).optional(),
})
export type RepositoryView = z.infer<typeof repositorySchema>

/** The request (pull request, merge request) that a change went by. */
export const changeRequestSchema = z.object({ url: z.string(), title: z.string(), state: z.string() })
export type ChangeRequestView = z.infer<typeof changeRequestSchema>
