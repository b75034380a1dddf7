import { z } from 'zod'
import { changeRequestSchema, commitSchema, fileDiffSchema } from './repository.ts'

/** Values of a chart: whatever YAML can say. */
export const valuesSchema = z.record(z.string(), z.unknown())
export type ValuesView = z.infer<typeof valuesSchema>

export const chartChoiceSchema = z.discriminatedUnion('kind', [
  /** A reference chart of Sluice. */
  z.object({ kind: z.literal('Template'), name: z.string().min(1).max(100), version: z.string().min(1).max(100) }),
  /** One of a chart repository, by the name of the repository. */
  z.object({
    kind: z.literal('Chart'),
    repository: z.string().min(1).max(253),
    name: z.string().min(1).max(250),
    version: z.string().min(1).max(100),
  }),
])
export type ChartChoiceView = z.infer<typeof chartChoiceSchema>

/** One place in the values that is wrong, in the words of the chart's schema. */
export const valueProblemSchema = z.object({
  path: z.array(z.union([z.string(), z.number()])),
  message: z.string(),
  /** Of a YAML text that was sent: where it is there, from 1. */
  line: z.number().optional(),
  column: z.number().optional(),
})
export type ValueProblemView = z.infer<typeof valueProblemSchema>

/** One leaf (a list counts as one) that differs. Absent `before`: it was not there; absent `after`: it is gone. */
export const valueChangeSchema = z.object({
  path: z.array(z.string()),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
})
export type ValueChangeView = z.infer<typeof valueChangeSchema>

export const chartMoveSchema = z.object({ before: chartChoiceSchema, after: chartChoiceSchema })

/** A problem of a file in Git. */
export const fileProblemSchema = z.object({
  file: z.string(),
  line: z.number().optional(),
  field: z.string(),
  message: z.string(),
})

// ---------------------------------------------------------------------------------------------- environments, projects

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

// --------------------------------------------------------------------------------------------------------- templates

/** GET /api/v1/templates (viewer somewhere): the reference charts that this Sluice brings, and those in Git. */
export const templateSchema = z.object({
  name: z.string(),
  version: z.string(),
  title: z.string(),
  description: z.string(),
  /** Versions that the repository holds. */
  inGit: z.array(z.string()),
})
export type TemplateView = z.infer<typeof templateSchema>
export const templatesSchema = z.object({ templates: z.array(templateSchema) })

/** What a chart says of itself; the same for templates and charts of repositories. */
export const chartContentSchema = z.object({
  /** Every value with its default. */
  values: valuesSchema,
  /** values.yaml as it is, with its comments. */
  valuesText: z.string(),
  /** JSON schema (draft 7) of the values, in the order of a form; absent when the chart has none. */
  schema: z.record(z.string(), z.unknown()).optional(),
  /** Markdown: somebody's text. '' when there is none. */
  readme: z.string(),
})
export type ChartContent = z.infer<typeof chartContentSchema>

/** GET /api/v1/templates/{name}?version= (viewer somewhere): the newest when no version is asked for. */
export const templateDetailSchema = templateSchema.extend(chartContentSchema.shape)

// ------------------------------------------------------------------------------------------------------ applications

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

// ------------------------------------------------------------------------------------------------------------ values

/** Where a value comes from. */
export const valueOriginSchema = z.object({
  path: z.array(z.string()),
  /** `removed`: the environment takes the base's value away. */
  from: z.enum(['override', 'removed']),
  base: z.unknown().optional(),
  value: z.unknown().optional(),
})

/**
 * GET /api/v1/applications/{app}/values?environment= (viewer there). Without an environment: the base alone, with an empty
 * override. Secrets are never in it.
 */
export const applicationValuesSchema = z.object({
  tip: z.string(),
  chart: chartChoiceSchema,
  base: valuesSchema,
  override: valuesSchema,
  /** Base with the override applied. */
  effective: valuesSchema,
  /** The same as YAML, as Git has them (with comments) where it has them. */
  text: z.object({ base: z.string(), override: z.string(), effective: z.string() }),
  overridden: z.array(valueOriginSchema),
  /** The chart's own; absent when the chart cannot be read, and `chartProblem` says why. */
  content: chartContentSchema.pick({ values: true, valuesText: true, schema: true }).optional(),
  chartProblem: z.string().optional(),
  /** Sealed values that are set, by their path. What they are is not known to the server's readers. */
  secrets: z.array(z.object({ path: z.array(z.string()), set: z.literal(true) })),
  /** Paths of the chart that hold secrets (`format: password`, `secrets.*`); `*` stands for any key. */
  secretPaths: z.array(z.array(z.string())),
  /** Why no secret can be set now; absent when one can. */
  secretProblem: z.string().optional(),
})
export type ApplicationValues = z.infer<typeof applicationValuesSchema>

/**
 * POST /api/v1/values/check (viewer somewhere; with `app`, viewer of its project): what is wrong with values while they are
 * typed. Nothing is written. Send `values` or `yaml`, of the base (no environment) or as an environment's override.
 */
export const valuesCheckWishSchema = z.object({
  app: z.string().max(100).optional(),
  /** Of the application: values are an override of its base. */
  environment: z.string().max(100).optional(),
  /** What is checked against; the application's own when absent. */
  chart: chartChoiceSchema.optional(),
  values: valuesSchema.optional(),
  yaml: z
    .string()
    .max(256 * 1024)
    .optional(),
})
export type ValuesCheckWish = z.infer<typeof valuesCheckWishSchema>
export const valuesCheckSchema = z.object({
  problems: z.array(valueProblemSchema),
  /** What was sent, as data; absent when the YAML cannot be read. */
  values: valuesSchema.optional(),
  /** And as YAML. */
  yaml: z.string().optional(),
  effective: valuesSchema.optional(),
  overridden: z.array(valueOriginSchema),
  /** Why the schema of the chart could not be asked. */
  chartProblem: z.string().optional(),
})
export type ValuesCheck = z.infer<typeof valuesCheckSchema>

// ----------------------------------------------------------------------------------------------------------- changes

const appName = z.string().min(1).max(100)
const environmentName = z.string().min(1).max(100)
const yamlText = z.string().max(256 * 1024)
/** Secret values to set, by path; they are sealed before they are written, and never come back. */
const secretsWish = z
  .array(
    z.object({
      path: z.array(z.string().min(1).max(253)).min(1).max(20),
      value: z.string().max(64 * 1024),
    }),
  )
  .max(200)

/**
 * Everything that can be done to an application; each is one commit.
 * Rights: operator of the application's project in the environments that it reaches (all of them for the base, for `create`
 * without environments, and for `remove` of everything).
 */
export const applicationChangeSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('create'),
    name: appName,
    project: z.string().min(1).max(63),
    title: z.string().max(200).optional(),
    description: z.string().max(2000).optional(),
    owners: z.array(z.string().max(200)).max(20).optional(),
    chart: chartChoiceSchema,
    /** What every environment starts from: only what differs from the chart's defaults is needed. */
    values: valuesSchema.default({}),
    /** Environments to deploy to in the same commit. */
    environments: z
      .array(
        z.object({ environment: environmentName, override: valuesSchema.default({}), secrets: secretsWish.optional() }),
      )
      .max(10)
      .default([]),
    /** `own`: a repository of its own by the connection's template; `fleet` is a path in the fleet's repository. */
    repository: z.enum(['fleet', 'own']).default('fleet'),
    /** Takes a repository of that name that is there and not empty. What stands in it otherwise stays. */
    adopt: z.boolean().default(false),
  }),
  /** Brings it to another environment. */
  z.object({
    kind: z.literal('deploy'),
    app: appName,
    environment: environmentName,
    override: valuesSchema.default({}),
    secrets: secretsWish.optional(),
  }),
  /** Values of the base, or the override of an environment, whole. Send `values` or `yaml`; YAML keeps its comments. */
  z.object({
    kind: z.literal('values'),
    app: appName,
    environment: environmentName.optional(),
    values: valuesSchema.optional(),
    yaml: yamlText.optional(),
    secrets: secretsWish.optional(),
    /** Paths of sealed values to take away. */
    forget: z
      .array(z.array(z.string().min(1).max(253)).min(1).max(20))
      .max(200)
      .optional(),
  }),
  /** Another chart or version. `null` in an environment: follow the base again. */
  z.object({
    kind: z.literal('chart'),
    app: appName,
    environment: environmentName.optional(),
    chart: chartChoiceSchema.nullable(),
  }),
  /** Another image. `path` is where it is in the values: `['image']` when absent. */
  z.object({
    kind: z.literal('image'),
    app: appName,
    environment: environmentName.optional(),
    path: z.array(z.string().min(1).max(253)).min(1).max(20).optional(),
    repository: z.string().min(1).max(500).optional(),
    tag: z.string().max(128).optional(),
    digest: z.string().max(100).optional(),
  }),
  /** Suspends or resumes it in Git. */
  z.object({ kind: z.literal('suspend'), app: appName, environment: environmentName, suspended: z.boolean() }),
  /** Takes what runs in one environment to another; `paths` of values that go along: the image when absent. */
  z.object({
    kind: z.literal('promote'),
    app: appName,
    from: environmentName,
    to: environmentName,
    paths: z
      .array(z.array(z.string().min(1).max(253)).min(1).max(20))
      .max(100)
      .optional(),
    chart: z.boolean().optional(),
  }),
  /** Gives the environment again what it had at a commit. */
  z.object({ kind: z.literal('restore'), app: appName, environment: environmentName, commit: z.string().max(64) }),
  /** Undoes one commit, as far as it changed the application. With `environment`: only what it changed there. */
  z.object({
    kind: z.literal('revert'),
    app: appName,
    environment: environmentName.optional(),
    commit: z.string().max(64),
  }),
  /** Out of one environment; altogether without one. */
  z.object({ kind: z.literal('remove'), app: appName, environment: environmentName.optional() }),
])
export type ApplicationChange = z.input<typeof applicationChangeSchema>

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

/**
 * POST /api/v1/applications/changes → 202 with a job `application.change`. Steps: `gate`, `commit` (or `request`, `review`),
 * and for each environment `{environment}/fetched|rendered|applied|healthy`. It ends healthy, or fails with what is to blame.
 * Refused with E_APP_CHANGED when what it changes was changed since `tip`, E_GATE_CLOSED, E_APP_VALUES, E_APP_SECRET_KEY.
 */
export const applyChangeWishSchema = changePreviewWishSchema.extend({
  tip: z.string().max(140),
  /** First line of the commit's message in place of the one in the preview. */
  subject: z.string().max(200).optional(),
  /** By a pull or merge request, although the branch takes pushes. */
  request: z.boolean().default(false),
  /** Follow it in the cluster until it is healthy; true when absent. */
  follow: z.boolean().default(true),
})
export type ApplyChangeWish = z.input<typeof applyChangeWishSchema>

/** The object, field and line that is to blame. */
export const culpritSchema = z.object({
  environment: z.string(),
  /** `Pod/shop-staging/shop-7d9c…`. */
  object: z.string(),
  message: z.string(),
  field: z.string().optional(),
  value: z.string().optional(),
  next: z.string().optional(),
  /** From the release to the object, each step in words. */
  steps: z.array(z.object({ object: z.string(), says: z.string() })),
  /** Where it is in Git. */
  file: z.string().optional(),
  line: z.number().optional(),
})
export type Culprit = z.infer<typeof culpritSchema>

/** The result of a job `application.change`; of one that failed after the commit, too, as `detail` of its steps. */
export const changeResultSchema = z.object({
  /** Absent: Git said that already. */
  commit: z.string().optional(),
  request: changeRequestSchema.optional(),
  environments: z.array(
    z.object({
      environment: z.string(),
      state: z.enum(['healthy', 'failed', 'not-followed']),
      culprit: culpritSchema.optional(),
    }),
  ),
})
export type ChangeResult = z.infer<typeof changeResultSchema>

// ---------------------------------------------------------------------------------------------------------- timeline

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

// ----------------------------------------------------------------------------------------------------------- history

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
 * GET /api/v1/applications/{app}/compare?environment=&from=&to=&rendered= (viewer there): any two commits; values, and with
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
