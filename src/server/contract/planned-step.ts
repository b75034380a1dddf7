import { z } from 'zod'

/** A step of a plan that was not carried out yet, with what it would change. */
export const plannedStepSchema = <C extends z.ZodType>(change: C) =>
  z.object({
    id: z.string(),
    title: z.string(),
    state: z.enum(['done', 'to-do', 'blocked', 'not-run']),
    summary: z.string(),
    next: z.string().optional(),
    notes: z.array(z.string()),
    changes: z.array(change),
  })
