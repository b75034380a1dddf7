import { z } from 'zod'
import { valuesSchema } from './values.ts'

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
