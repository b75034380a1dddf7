import { z } from 'zod'

/**
 * The fleet: clusters and node groups as Git wants them and as they are. Rights: the fleet is the project `fleet`, each
 * cluster an environment of it.
 * Live topic `fleet/{namespace}/{name}`: something of this cluster changed; `fleet`: any of them, or what Git says.
 */

const size = z.number().int().min(0).max(99_999)
/** A count, or the bounds of a group that the autoscaler sizes. */
export const sizeSchema = z.union([size, z.object({ min: size, max: size, count: size.optional() })])
export type SizeView = z.infer<typeof sizeSchema>

/** A limit of `sluice.yaml`. */
export const guardrailSchema = z.object({
  /** Where it stands: `sluice.yaml:12`. */
  place: z.string(),
  group: z.string(),
  /** In words. */
  rule: z.string(),
  /** How the change breaks it; absent when it keeps it. */
  broken: z.string().optional(),
  /** It wants a pull or merge request. */
  twoPerson: z.boolean().optional(),
  /** ISO 8601: when a freeze that holds now is over. */
  until: z.string().optional(),
})
export type GuardrailView = z.infer<typeof guardrailSchema>

/** The commit since which a size is what it is. */
export const sizeCommitSchema = z.object({
  sha: z.string(),
  subject: z.string(),
  author: z.string(),
  /** ISO 8601. */
  date: z.string(),
  /** Page on the Git host. */
  url: z.string().optional(),
})
export type SizeCommit = z.infer<typeof sizeCommitSchema>

export const fleetGroupSchema = z.object({
  /** `control-plane`, `etcd`, or the name of a worker group. */
  name: z.string(),
  /** Count in the cluster's spec; absent where the autoscaler decides. */
  wanted: z.number().optional(),
  current: z.number(),
  ready: z.number(),
  autoscaling: z.object({ min: z.number(), max: z.number() }).optional(),
  /** What the tip of the repository says; absent while that is not known, and for groups that Git does not have. */
  git: z.object({ size: sizeSchema, commit: sizeCommitSchema.optional() }).optional(),
  /** How the cluster's spec differs from Git. */
  drift: z.string().optional(),
  /** Limits of `sluice.yaml` that hold for it now; one that is broken refuses every change. */
  guardrails: z.array(guardrailSchema).optional(),
  /** Git has it, and nothing has said yet what there is: `current` and `ready` count nothing. */
  unseen: z.boolean().optional(),
})
export type FleetGroup = z.infer<typeof fleetGroupSchema>

export const fleetClusterSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  role: z.enum(['management', 'workload']),
  kubernetesVersion: z.string().optional(),
  groups: z.array(fleetGroupSchema),
  wanted: z.number(),
  ready: z.number(),
  health: z.enum(['Ready', 'Moving', 'Failed', 'Unknown']),
  /** Why it is not Ready, in the cluster's words. */
  message: z.string().optional(),
  /** Revision that was applied last: `main@sha1:…`. */
  revision: z.string().optional(),
  createdAt: z.string().optional(),
  paused: z.boolean(),
  /** Its file in the repository, where that is known. */
  path: z.string().optional(),
})
export type FleetCluster = z.infer<typeof fleetClusterSchema>

/** What is wrong, in words. */
const problemSchema = z.object({ code: z.string(), message: z.string(), next: z.string() })

/** GET /api/v1/fleet (viewer somewhere; clusters that one's roles reach). */
export const fleetSchema = z.object({
  /** `none`: the server has no management cluster; `connecting`: it has not answered yet. */
  state: z.enum(['ready', 'none', 'connecting']),
  clusters: z.array(fleetClusterSchema),
  /** What is shown may be old: the cluster does not answer, in its words. */
  trouble: z.string().optional(),
  git: z.object({
    /** `reading`: what Git says comes in a moment. */
    state: z.enum(['ready', 'reading', 'problem']),
    url: z.string().optional(),
    branch: z.string().optional(),
    /** Tip of the branch. */
    tip: z.string().optional(),
    problem: problemSchema.optional(),
    /** What is wrong with the file of guardrails: every change is refused until it is mended. */
    guardrails: problemSchema.optional(),
  }),
})
export type Fleet = z.infer<typeof fleetSchema>

/** GET /api/v1/fleet/clusters/{namespace}/{name}. */
export const clusterDetailsSchema = z.object({
  cluster: fleetClusterSchema,
  nodes: z.array(
    z.object({
      name: z.string(),
      group: z.string().optional(),
      ready: z.boolean(),
      /** Why it is not. */
      message: z.string().optional(),
      version: z.string().optional(),
      createdAt: z.string().optional(),
      schedulable: z.boolean(),
    }),
  ),
  conditions: z.array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().optional(),
      message: z.string().optional(),
      since: z.string().optional(),
    }),
  ),
  /** What the management cluster says of it, its machines and nodes, newest first; kept there for an hour. */
  events: z.array(
    z.object({
      id: z.string(),
      warning: z.boolean(),
      reason: z.string(),
      message: z.string(),
      at: z.string(),
      count: z.number(),
      /** `Machine prod-web-x1`. */
      about: z.string(),
    }),
  ),
})
export type ClusterDetails = z.infer<typeof clusterDetailsSchema>

/** GET /api/v1/fleet/clusters/{namespace}/{name}/history: the commits that changed sizes, newest first. */
export const sizeHistorySchema = z.object({
  commits: z.array(
    sizeCommitSchema.extend({
      changes: z.array(z.object({ group: z.string(), from: sizeSchema, to: sizeSchema })),
      /** The commit that it undoes. */
      reverts: z.string().optional(),
    }),
  ),
  /** Older commits were not looked at. */
  more: z.boolean(),
})
export type SizeHistory = z.infer<typeof sizeHistorySchema>

/** GET /api/v1/fleet/clusters/{namespace}/{name}/file. */
export const clusterFileSchema = z.object({
  path: z.string(),
  text: z.string(),
  /** Names this text; a change says which one it was made from. */
  version: z.string(),
  commit: z.string(),
})
export type ClusterFile = z.infer<typeof clusterFileSchema>

/** POST …/scale/preview and …/scale. One of both: sizes to set, or a commit to undo. */
export const scaleWishSchema = z.object({
  targets: z
    .array(z.object({ group: z.string().max(253), size: sizeSchema }))
    .max(50)
    .default([]),
  /** The id of a commit; its sizes are set back. */
  revert: z
    .string()
    .regex(/^[0-9a-f]{7,40}$/)
    .optional(),
  /** By a pull or merge request, although the branch may take pushes. */
  byRequest: z.boolean().default(false),
})
export type ScaleWish = z.input<typeof scaleWishSchema>

/** POST …/edit/preview and …/edit. */
export const editWishSchema = z.object({
  text: z
    .string()
    .max(512 * 1024)
    .default(''),
  /** Of the text that was opened. */
  version: z.string().max(100).default(''),
  message: z.string().max(2000).optional(),
  byRequest: z.boolean().default(false),
})
export type EditWish = z.input<typeof editWishSchema>

/** What a change would commit, and what stands against it. */
export const fleetChangeSchema = z.object({
  /** Absent when it is refused before there is anything to show. */
  plan: z
    .object({
      path: z.string(),
      branch: z.string(),
      /** Unified; '' when Git has it already. */
      diff: z.string(),
      message: z.string(),
      counts: z.array(z.object({ group: z.string(), from: sizeSchema, to: sizeSchema })),
      guardrails: z.array(guardrailSchema),
      /** Why it goes by a pull or merge request; absent when it is pushed. */
      review: z.string().optional(),
    })
    .optional(),
  /** Why it is not done. */
  refusal: problemSchema.extend({ expected: z.string().optional(), seen: z.string().optional() }).optional(),
  /** By line of the text. */
  problems: z.array(z.object({ line: z.number().optional(), message: z.string() })),
})
export type FleetChange = z.infer<typeof fleetChangeSchema>
