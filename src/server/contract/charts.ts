import { z } from 'zod'
import { changePreviewSchema } from './change-preview.ts'
import { chartContentSchema } from './templates.ts'

/** A chart repository: a HelmRepository in Git. */
export const chartRepositorySchema = z.object({
  name: z.string(),
  type: z.enum(['http', 'oci']),
  /** Without credentials. */
  url: z.string(),
  /** Whether it is signed in to; the login itself never comes back. */
  hasCredentials: z.boolean(),
  /** Charts of an OCI registry that were named: a registry does not list what it has. Empty for HTTP. */
  charts: z.array(z.string()),
  /** As the server last saw it itself. */
  state: z.enum(['ready', 'failed', 'unknown']),
  /** The host's words on failure. */
  message: z.string(),
  checkedAt: z.string().optional(),
  /** How many charts its index has. */
  chartCount: z.number().optional(),
  /** File in Git; absent: somebody else made it in the cluster, and it can only be looked at. */
  file: z.string().optional(),
  /** Releases that come from it, of those that one's roles reach. */
  usedBy: z.array(z.object({ application: z.string(), environment: z.string() })),
})
export type ChartRepositoryView = z.infer<typeof chartRepositorySchema>

/** GET /api/v1/charts/repositories (viewer somewhere). Live topic `charts`. */
export const chartRepositoriesSchema = z.object({
  tip: z.string(),
  repositories: z.array(chartRepositorySchema),
})

/** What is said of a chart repository that is to be added. */
export const chartRepositoryWishSchema = z.object({
  /** Name of the object: lower case letters, digits, `-`. */
  name: z.string().min(1).max(63),
  /** `https://…`, or `oci://…` for a registry. */
  url: z.string().min(1).max(500),
  username: z.string().max(200).optional(),
  /** Sealed before it is written to Git; never comes back. */
  password: z
    .string()
    .max(16 * 1024)
    .optional(),
  /** OCI: charts below the address. */
  charts: z.array(z.string().min(1).max(250)).max(100).default([]),
})
export type ChartRepositoryWish = z.input<typeof chartRepositoryWishSchema>

/**
 * POST /api/v1/charts/repositories/check (operator of everything): fetches the index, or lists the tags of the named charts.
 * Never fails for what the host says.
 */
export const chartRepositoryCheckSchema = z.object({
  ok: z.boolean(),
  checks: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(['done', 'failed', 'not-run']),
      detail: z.string().optional(),
      /** The host's own words. */
      said: z.string().optional(),
      next: z.string().optional(),
    }),
  ),
  chartCount: z.number().optional(),
})
export type ChartRepositoryCheck = z.infer<typeof chartRepositoryCheckSchema>

/**
 * POST /api/v1/charts/changes/preview → chartChangePreviewSchema; POST /api/v1/charts/changes {change, tip} → a job `chart.change`
 * (operator of everything). Adding checks the repository again, and refuses what does not answer.
 */
export const chartChangeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), repository: chartRepositoryWishSchema }),
  /** The charts that are named of an OCI registry. */
  z.object({
    kind: z.literal('charts'),
    name: z.string().min(1).max(63),
    charts: z.array(z.string().min(1).max(250)).max(100),
  }),
  /** Another login, which is tried first; without user and password: none. */
  z.object({
    kind: z.literal('login'),
    name: z.string().min(1).max(63),
    username: z.string().max(200).optional(),
    password: z
      .string()
      .max(16 * 1024)
      .optional(),
  }),
  /** Refused while a release comes from it. */
  z.object({ kind: z.literal('remove'), name: z.string().min(1).max(63) }),
])
export type ChartChange = z.input<typeof chartChangeSchema>
/** Of the same shape as for applications: `environments` is empty. */
export const chartChangePreviewSchema = changePreviewSchema

export const chartSummarySchema = z.object({
  repository: z.string(),
  name: z.string(),
  /** The newest that is no prerelease. */
  version: z.string(),
  appVersion: z.string().optional(),
  description: z.string(),
  keywords: z.array(z.string()),
  deprecated: z.boolean(),
  /** Address of a picture: never loaded by the page, which allows none of other hosts. */
  icon: z.string().optional(),
  home: z.string().optional(),
})
export type ChartSummary = z.infer<typeof chartSummarySchema>

/**
 * GET /api/v1/charts?query=&repository=&limit= (viewer somewhere): over all repositories, best match first. Indexes are kept;
 * `failed` says which repositories could not be asked.
 */
export const chartsSchema = z.object({
  charts: z.array(chartSummarySchema),
  total: z.number(),
  failed: z.array(z.object({ repository: z.string(), message: z.string() })),
})

/**
 * GET /api/v1/charts/chart?repository=&name=&version= (viewer somewhere): the newest version when none is named. Its content is
 * out of the archive; `contentProblem` says why there is none.
 */
export const chartDetailSchema = chartSummarySchema.extend({
  versions: z.array(
    z.object({
      version: z.string(),
      appVersion: z.string().optional(),
      created: z.string().optional(),
      deprecated: z.boolean(),
      prerelease: z.boolean(),
    }),
  ),
  /** There may be more versions than these. */
  truncated: z.boolean(),
  sources: z.array(z.string()),
  maintainers: z.array(z.object({ name: z.string(), email: z.string().optional(), url: z.string().optional() })),
  /** Version that `content` is of. */
  shown: z.string(),
  content: chartContentSchema.optional(),
  contentProblem: z.string().optional(),
  /** Releases of this chart, of those that one's roles reach. */
  usedBy: z.array(z.object({ application: z.string(), environment: z.string(), version: z.string() })),
})
export type ChartDetail = z.infer<typeof chartDetailSchema>
