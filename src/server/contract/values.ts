import { z } from 'zod'

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
