import { z } from 'zod'

/** What every answer with a status of 400 or above carries, as `application/json`. */
export const problemSchema = z.object({
  error: z.object({
    /** Stable code of the registry: `E_…`; docs/reference/errors.md lists them. */
    code: z.string(),
    /** One sentence for a person. */
    message: z.string(),
    /** What it is about: `connection acme`. */
    object: z.string().optional(),
    expected: z.string().optional(),
    seen: z.string().optional(),
    /** What to do about it. */
    next: z.string().optional(),
    /** Wrong fields of the request, by their path in it: `['host']`. */
    fields: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() })).optional(),
  }),
})
export type Problem = z.infer<typeof problemSchema>
