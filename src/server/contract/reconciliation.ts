import { z } from 'zod'

/** How something stands; the words of `StateBadge`. */
export const graphStateSchema = z.enum(['broken', 'attention', 'moving', 'paused', 'agreed'])
export type GraphStateView = z.infer<typeof graphStateSchema>

export const countsSchema = z.object({
  broken: z.number(),
  attention: z.number(),
  moving: z.number(),
  paused: z.number(),
  agreed: z.number(),
})
export type CountsView = z.infer<typeof countsSchema>

export const objectNameSchema = z.object({
  /** For /reconciliation/objects/{id}. */
  id: z.string(),
  kind: z.string(),
  group: z.string(),
  namespace: z.string(),
  name: z.string(),
})
export type ObjectName = z.infer<typeof objectNameSchema>

/** One object of the graph. Every text comes from outside. */
export const graphRowSchema = objectNameSchema.extend({
  role: z.enum(['source', 'applier', 'notification', 'object']),
  state: graphStateSchema,
  /** The exact word: `Ready`, `BuildFailed`, `Missing`. */
  word: z.string(),
  message: z.string().optional(),
  revision: z.string().optional(),
  since: z.string().optional(),
  /** URL of a source without credentials, path of a Kustomization, chart of a release. */
  from: z.string().optional(),
  project: z.string().optional(),
  environment: z.string().optional(),
  suspended: z.boolean(),
  owner: objectNameSchema.optional(),
  /** Who changed it after it was applied from Git. */
  touched: z.object({ manager: z.string(), at: z.string() }).optional(),
  /** What it applied, by state; of appliers. */
  counts: countsSchema.optional(),
})
export type GraphRow = z.infer<typeof graphRowSchema>

/** GET /api/v1/reconciliation (viewer somewhere). Live topic `reconciliation`: at most one change a second. */
export const reconciliationSchema = z.object({
  /** `none`: the server has no cluster; `reading`: the first lists are on their way; `away`: the watches bring nothing. */
  cluster: z.enum(['none', 'reading', 'watching', 'away']),
  trouble: z.string().optional(),
  /** Of everything that one's roles reach. */
  counts: countsSchema,
  /** Objects of Flux: what needs somebody first. */
  rows: z.array(graphRowSchema),
  /** Applied objects that need somebody, at most 100. */
  troubled: z.array(graphRowSchema),
  troubledMore: z.number(),
  kinds: z.array(z.object({ kind: z.string(), count: z.number() })),
})
export type ReconciliationView = z.infer<typeof reconciliationSchema>

/** GET /api/v1/reconciliation/objects?state=&kind=&q=&owner=&limit=&offset= (viewer somewhere). */
export const objectListSchema = z.object({ rows: z.array(graphRowSchema), total: z.number() })
export type ObjectList = z.infer<typeof objectListSchema>

/** GET /api/v1/reconciliation/graph?root=&open= (viewer somewhere). */
export const graphSchema = z.object({
  nodes: z.array(
    z.union([
      graphRowSchema.extend({ box: z.literal('one') }),
      z.object({
        box: z.literal('fold'),
        /** For `open`. */
        id: z.string(),
        kind: z.string(),
        counts: countsSchema,
        state: graphStateSchema,
      }),
    ]),
  ),
  edges: z.array(z.object({ from: z.string(), to: z.string(), kind: z.enum(['source', 'applied', 'depends']) })),
  left: z.number(),
})
export type GraphView = z.infer<typeof graphSchema>

export const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  since: z.string().optional(),
})

export const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  at: z.string(),
  count: z.number(),
  by: z.string(),
  about: objectNameSchema,
})
export type EventView = z.infer<typeof eventSchema>

/** GET /api/v1/reconciliation/objects/{id} (viewer there). */
export const objectDetailSchema = z.object({
  row: graphRowSchema,
  /** Whether the person may suspend, resume and reconcile it. */
  mayAct: z.boolean(),
  conditions: z.array(conditionSchema),
  events: z.array(eventSchema),
  /** From the object up to the source. */
  trace: z.array(
    z.object({ object: objectNameSchema, facts: z.array(z.object({ name: z.string(), value: z.string() })) }),
  ),
  createdAt: z.string().optional(),
  /** Who writes it, and when last. */
  managers: z.array(z.object({ manager: z.string(), operation: z.string(), at: z.string(), part: z.string() })),
  /** As it is in the cluster, values of Secrets masked; absent when it is not there or too large to show. */
  yaml: z.string().optional(),
})
export type ObjectDetail = z.infer<typeof objectDetailSchema>

/** GET /api/v1/reconciliation/objects/{id}/diff (viewer there): what applying it again from Git would change, by a dry run. */
export const objectDiffSchema = z.object({
  /** Absent: it cannot be compared, `why` says so. */
  action: z.enum(['create', 'configure', 'unchanged', 'delete', 'skip', 'refused']).optional(),
  why: z.string().optional(),
  /** A commit, or `the release`. */
  against: z.string().optional(),
  drifts: z.array(
    z.object({
      path: z.string(),
      /** JSON; absent where there is none. */
      cluster: z.string().optional(),
      git: z.string().optional(),
      manager: z.string().optional(),
      operation: z.string().optional(),
      at: z.string().optional(),
    }),
  ),
  /** YAML of both, Secrets masked. */
  live: z.string().optional(),
  wanted: z.string().optional(),
  message: z.string().optional(),
})
export type ObjectDiffView = z.infer<typeof objectDiffSchema>

/** GET /api/v1/reconciliation/objects/{id}/why (viewer there). */
export const whySchema = z.object({
  ready: z.boolean(),
  sentence: z.string(),
  steps: z.array(z.object({ object: objectNameSchema, says: z.string() })),
  culprit: z
    .object({ object: objectNameSchema, field: z.string().optional(), value: z.string().optional() })
    .optional(),
  next: z.string().optional(),
  /** Where the culprit stands in Git. */
  place: z
    .object({ url: z.string(), commit: z.string(), path: z.string(), line: z.number(), exact: z.boolean() })
    .optional(),
  /** Why the place is not known. */
  placeProblem: z.string().optional(),
})
export type WhyView = z.infer<typeof whySchema>

/** GET /api/v1/reconciliation/events?limit= (viewer somewhere): newest first. */
export const eventListSchema = z.object({ events: z.array(eventSchema) })
export type EventList = z.infer<typeof eventListSchema>
