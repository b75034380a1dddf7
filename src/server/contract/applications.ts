import { z } from 'zod'
import { commitSchema } from './repository.ts'
import { chartChoiceSchema, fileProblemSchema } from './values.ts'

/** How an application does in one environment. */
export const deploymentSchema = z.object({
  environment: z.string(),
  /** Title and order of the environment; the name and 1000 when Git has none of that name. */
  title: z.string(),
  order: z.number(),
  namespace: z.string(),
  /** What Git says. */
  git: z.object({
    chart: chartChoiceSchema,
    /** The environment names another chart or version than the base. */
    chartOverridden: z.boolean(),
    /** `repository:tag` or `…@digest`, where the values have an `image`. */
    image: z.string().optional(),
    suspended: z.boolean(),
    /** How many values differ from the base. */
    overrides: z.number(),
  }),
  /** What the cluster has; absent: there is no such release (yet), or the cluster cannot be asked. */
  live: z
    .object({
      chart: chartChoiceSchema.optional(),
      image: z.string().optional(),
      /** Commit that the cluster last applied of it. */
      commit: z.string().optional(),
      /** Number of helm's release. */
      release: z.number().optional(),
      releasedAt: z.string().optional(),
      suspended: z.boolean(),
    })
    .optional(),
  /** Whether the cluster's release is what Git says (chart, values, suspension). */
  agrees: z.boolean(),
  health: z.object({
    /** `missing`: not in the cluster yet; `unknown`: the cluster cannot be asked. */
    state: z.enum(['healthy', 'progressing', 'failed', 'suspended', 'missing', 'unknown']),
    /** The engine's words. */
    message: z.string(),
    since: z.string().optional(),
    /** `HelmRelease/flux-system/shop-staging`. */
    object: z.string().optional(),
    /** While it is progressing: what keeps it from getting on, where something does. */
    stuck: z.object({ object: z.string(), message: z.string() }).optional(),
  }),
})
export type DeploymentView = z.infer<typeof deploymentSchema>

export const applicationSummarySchema = z.object({
  name: z.string(),
  title: z.string(),
  project: z.string(),
  description: z.string(),
  chart: chartChoiceSchema,
  /** In the order of the environments; only those that one's roles reach. */
  deployments: z.array(deploymentSchema),
})
export type ApplicationSummary = z.infer<typeof applicationSummarySchema>

/**
 * GET /api/v1/applications?project= (viewer somewhere; only what one's roles reach).
 * Live topics: `applications` for all, `applications/{app}` for one: ask again.
 */
export const applicationsSchema = z.object({
  tip: commitSchema,
  applications: z.array(applicationSummarySchema),
  /** Folders that cannot be read as applications. Only for viewers of everything. */
  broken: z.array(z.object({ name: z.string(), problems: z.array(fileProblemSchema) })),
})

/** GET /api/v1/applications/{app} (viewer of the application's project). */
export const applicationSchema = applicationSummarySchema.extend({
  owners: z.array(z.string()),
  tip: commitSchema,
  /** Where its files are. */
  folder: z.string(),
  /** Its own repository; absent when it is a folder of the fleet's. */
  repository: z.object({ title: z.string(), url: z.string(), branch: z.string() }).optional(),
  /** Environments that it could still be deployed to. */
  free: z.array(z.object({ name: z.string(), title: z.string(), namespace: z.string() })),
  /** Whom the application's last change is by. */
  lastChange: commitSchema.optional(),
})
export type ApplicationView = z.infer<typeof applicationSchema>

/**
 * GET /api/v1/applications/place?name=&project=&environments=a,b (viewer somewhere): what a name would give, as it is typed.
 * Never fails for a bad name: `problem` says why it cannot be used.
 */
export const placeSchema = z.object({
  folder: z.string(),
  /** Files of the application itself, and per environment. */
  files: z.array(z.string()),
  environments: z.array(
    z.object({ environment: z.string(), release: z.string(), namespace: z.string(), problem: z.string().optional() }),
  ),
  /** Repository that it would get with a repository of its own, by the connection's template: `acme/shop-config`. */
  repository: z.string().optional(),
  problem: z.string().optional(),
})
export type PlaceView = z.infer<typeof placeSchema>
