import { z } from 'zod'
import { chartChoiceSchema, valuesSchema } from './values.ts'

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
