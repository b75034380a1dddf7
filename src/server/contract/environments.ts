import { z } from 'zod'
import { fileProblemSchema } from './values.ts'

export const environmentSpecSchema = z.object({
  title: z.string().max(200).optional(),
  /** Promotion goes from lower to higher. */
  order: z.number().int().min(0).max(1000).optional(),
  /** `{app}` and `{environment}` are filled in. */
  namespace: z.string().max(120).optional(),
  cluster: z.object({ name: z.string().max(200).optional(), kubeConfigSecret: z.string().max(253) }).optional(),
  /** Projects that may deploy here; all when absent. */
  projects: z.array(z.string().max(63)).max(200).optional(),
  /** Changes come by pull or merge requests only. */
  pullRequest: z.boolean().optional(),
})
export type EnvironmentSpec = z.infer<typeof environmentSpecSchema>

export const environmentSchema = z.object({
  name: z.string(),
  title: z.string(),
  order: z.number(),
  spec: environmentSpecSchema,
  /** How many applications are deployed here, of those that one's roles reach. */
  applications: z.number(),
})
export type EnvironmentView = z.infer<typeof environmentSchema>

/** GET /api/v1/environments (viewer somewhere). */
export const environmentsSchema = z.object({
  /** Commit that they were read at. */
  tip: z.string(),
  environments: z.array(environmentSchema),
  problems: z.array(fileProblemSchema),
})

/** GET /api/v1/projects (viewer somewhere): derived from the applications that there are, as far as one's roles reach. */
export const projectsSchema = z.object({
  projects: z.array(z.object({ name: z.string(), applications: z.number() })),
})

/**
 * POST /api/v1/environments/changes/preview → changePreviewSchema, POST /api/v1/environments/changes → a job
 * `environment.change` (administrator of everything).
 */
export const environmentChangeSchema = z.discriminatedUnion('kind', [
  /** Adds it, or changes it: the whole spec is written. `create`: refused when it is there. */
  z.object({
    kind: z.literal('write'),
    name: z.string().max(100),
    spec: environmentSpecSchema,
    create: z.boolean().default(false),
  }),
  /** Refused while something is deployed there. */
  z.object({ kind: z.literal('remove'), name: z.string().max(100) }),
])
export type EnvironmentChange = z.input<typeof environmentChangeSchema>
