import { z } from 'zod'
import { chartContentSchema } from './templates.ts'
import { chartChoiceSchema, valueProblemSchema, valuesSchema } from './values.ts'

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
