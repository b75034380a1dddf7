import { z } from 'zod'
import { plannedStepSchema } from './planned-step.ts'

/** Where the fleet shall be; what is absent stays. POST /api/v1/connections/{id}/move[/plan]. */
export const moveWishSchema = z.object({
  /** `owner/name` on the host of the connection; where the fleet's own settings say when absent. */
  repository: z.string().max(600).optional(),
  branch: z.string().min(1).max(200).optional(),
  path: z.string().max(400).optional(),
})
export type MoveWishView = z.infer<typeof moveWishSchema>

/** One thing that a step changes. */
export const moveChangeSchema = z.object({
  kind: z.enum(['check', 'repository', 'refs', 'file', 'object']),
  /** `acme/fleet`, `main of acme/fleet: clusters/mgmt/a.yaml`, `Secret/flux-system/flux-system`. */
  name: z.string(),
  /** `create`, `update`, `delete`, `keep`, `configure`; the status of a check. */
  action: z.string(),
  /** What is found, or changes of it. */
  detail: z.string().optional(),
  /** Of a file; cut where it is long. */
  diff: z.string().optional(),
})

/** The result of a `fleet.move.plan` job. */
export const movePlanSchema = z.object({
  /** Where to: `acme/fleet on git.example.com, branch main`. */
  target: z.string(),
  steps: z.array(plannedStepSchema(moveChangeSchema)),
})
export type MovePlan = z.infer<typeof movePlanSchema>
