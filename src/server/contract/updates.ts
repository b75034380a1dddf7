import { z } from 'zod'
import { chartChoiceSchema } from './values.ts'

/**
 * GET /api/v1/applications/{app}/updates?environment= (operator there): asks chart repositories and registries now, because a
 * person wants to know. An update itself is a change of the kinds `chart` and `image`.
 */
export const updatesSchema = z.object({
  chart: z.object({
    current: chartChoiceSchema,
    /** Newer ones, newest first. */
    versions: z.array(z.object({ version: z.string(), appVersion: z.string().optional(), prerelease: z.boolean() })),
    /** Why it is not known, in the host's words. */
    problem: z.string().optional(),
  }),
  images: z.array(
    z.object({
      /** Where it stands in the values. */
      path: z.array(z.string()),
      /** `ghcr.io/acme/shop`. */
      name: z.string(),
      tag: z.string(),
      digest: z.string(),
      /** Newest first; in no order that means anything where `ordered` is false. */
      tags: z.array(z.string()),
      ordered: z.boolean(),
      problem: z.string().optional(),
    }),
  ),
})
export type Updates = z.infer<typeof updatesSchema>
