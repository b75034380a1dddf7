import { z } from 'zod'

export const forgeKindSchema = z.enum([
  'github',
  'gitlab',
  'gitea',
  'bitbucket',
  'bitbucket-server',
  'azure-devops',
  'git',
])
export type ForgeKindName = z.infer<typeof forgeKindSchema>

export const connectionSettingsSchema = z.object({
  /** Organization, group, workspace or user; a path or an id. Empty for `git`. */
  owner: z.string().max(400),
  /** Whether the owner is the credential's own account. */
  personal: z.boolean(),
  username: z.string().max(200).optional(),
  /** PEM certificates. */
  ca: z
    .string()
    .max(256 * 1024)
    .optional(),
  /** Without a login. */
  proxy: z.string().max(500).optional(),
  /** SSH: known_hosts lines. */
  knownHosts: z
    .string()
    .max(64 * 1024)
    .optional(),
  repository: z.string().min(1).max(200),
  branch: z.string().min(1).max(200),
  /** `{app}` and `{project}` are filled in. */
  repositoryTemplate: z.string().min(1).max(200),
  visibility: z.enum(['private', 'internal', 'public']),
  review: z.enum(['auto', 'always', 'never']),
})
export type ConnectionSettingsWish = z.infer<typeof connectionSettingsSchema>

export const connectionDraftSchema = z.object({
  name: z.string().max(100),
  kind: forgeKindSchema,
  /** Host as people write it; the repository's address for `git`. */
  host: z.string().max(500),
  settings: connectionSettingsSchema,
})
export type ConnectionDraftWish = z.infer<typeof connectionDraftSchema>

/** A credential on its way in. It never comes back. */
export const credentialWishSchema = z.union([
  z.object({
    token: z
      .string()
      .min(1)
      .max(16 * 1024),
  }),
  z.object({
    privateKey: z
      .string()
      .min(1)
      .max(64 * 1024),
    passphrase: z.string().max(1000).optional(),
  }),
])
export type CredentialWish = z.infer<typeof credentialWishSchema>

/** One line of the diagnosis. */
export const checkLineSchema = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['pass', 'fail', 'warn', 'not-run']),
  /** Milliseconds. */
  ms: z.number(),
  detail: z.string().optional(),
  hostSaid: z.string().optional(),
  fix: z.string().optional(),
  code: z.string().optional(),
})
export type CheckLineView = z.infer<typeof checkLineSchema>

export const proofSchema = z.object({
  at: z.string(),
  /** `unknown`: the host could not be asked. */
  outcome: z.enum(['proven', 'failed', 'unknown']),
  lines: z.array(checkLineSchema),
  login: z.string().optional(),
  expiresAt: z.string().optional(),
  /** A person saved it although it failed. */
  insisted: z.boolean().optional(),
})
export type ProofView = z.infer<typeof proofSchema>

export const bindingSchema = z.object({ project: z.string().min(1).max(63), environment: z.string().min(1).max(63) })
export type Binding = z.infer<typeof bindingSchema>

export const connectionSchema = connectionDraftSchema.extend({
  id: z.string(),
  /** Sent back with a change: one that was made from an older version is refused. */
  version: z.number(),
  isDefault: z.boolean(),
  /** What the tick says: green, amber, red, none. */
  state: z.enum(['proven', 'attention', 'broken', 'unproven']),
  /** Why, as a phrase. */
  reason: z.string(),
  changedAt: z.string(),
  changedBy: z.string(),
  proof: proofSchema.optional(),
  provenAt: z.string().optional(),
  nextProofAt: z.string().optional(),
  bindings: z.array(bindingSchema),
})
export type ConnectionView = z.infer<typeof connectionSchema>

/** A connection for those who do not set it: what the gate of the places that they reach is to be understood by. */
export const connectionGlanceSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: forgeKindSchema,
  /** The host alone. */
  host: z.string(),
  isDefault: z.boolean(),
  state: connectionSchema.shape.state,
  reason: z.string(),
  /** When the host was asked last. */
  lookedAt: z.string().optional(),
  provenAt: z.string().optional(),
  /** Those that they reach something of. */
  bindings: z.array(bindingSchema),
})
export type ConnectionGlance = z.infer<typeof connectionGlanceSchema>

/** GET /api/v1/connections: whole for administrators of everything. */
export const someConnectionSchema = z.union([connectionSchema, connectionGlanceSchema])
export type SomeConnection = z.infer<typeof someConnectionSchema>

/** POST /api/v1/connections/validate: answers 202 with a job whose steps are the checks. Its result is a Validation. */
export const validateWishSchema = z.object({
  draft: connectionDraftSchema,
  /** Absent: the one of the saved connection, on the same host. */
  credential: credentialWishSchema.optional(),
  /** The saved connection that the draft is an edit of. */
  connection: z.string().max(100).optional(),
  /** Also tries for real, and cleans up: commits, pushes, reads back, removes. */
  probe: z.boolean().default(false),
})
export type ValidateWish = z.input<typeof validateWishSchema>

/** The result of a `connection.validate` job. Saving names the job: what it proved is what is saved, and nothing else. */
export const validationSchema = z.object({ proof: proofSchema, seal: z.string() })
export type Validation = z.infer<typeof validationSchema>

/** POST and PUT /api/v1/connections[/{id}]. */
export const saveWishSchema = z.object({
  draft: connectionDraftSchema,
  credential: credentialWishSchema.optional(),
  /** The job that validated exactly this. */
  validation: z.string().max(100).optional(),
  /** Save although it is not proven; the failure is recorded, and nothing deploys with it until it is. */
  insist: z.boolean().default(false),
})
export type SaveWish = z.input<typeof saveWishSchema>

/** POST /api/v1/connections/owners: looks an owner up as it is typed. */
export const ownerWishSchema = validateWishSchema.pick({ draft: true, credential: true, connection: true })
export const ownerSchema = z.object({
  /** Absent: the host shows none of this name. */
  owner: z
    .object({
      name: z.string(),
      kind: z.enum(['user', 'organization']),
      id: z.string().optional(),
      role: z.enum(['admin', 'member', 'none', 'pending']).optional(),
      roleTitle: z.string().optional(),
      mayCreateRepositories: z.boolean().optional(),
    })
    .optional(),
  /** The host could not be asked, or would not say: why. */
  why: z.string().optional(),
})
export type OwnerView = z.infer<typeof ownerSchema>

/** GET /api/v1/forges: what each kind of host is and wants. */
export const forgeInfoSchema = z.object({
  kind: forgeKindSchema,
  title: z.string(),
  /** Filled into the form; absent for hosts of one's own. */
  host: z.string().optional(),
  /** What its owners of repositories are called: `Organization`. */
  ownerWord: z.string(),
  requestWord: z.string(),
  /** Whether the host wants a name with the token. */
  wantsUsername: z.boolean(),
  credentials: z.array(z.enum(['token', 'ssh'])),
  needs: z.array(z.object({ use: z.string(), rights: z.string(), role: z.string() })),
  notes: z.array(z.string()),
  /** Opens the page where tokens are made, with the rights chosen where the host lets a link do that; `{host}` is filled in. */
  tokenPage: z.string().optional(),
})
export type ForgeInfo = z.infer<typeof forgeInfoSchema>

/** GET /api/v1/gate?project=&environment= */
export const gateSchema = z.object({
  open: z.boolean(),
  connection: z.object({ id: z.string(), name: z.string(), host: z.string(), kind: forgeKindSchema }).optional(),
  why: z.string().optional(),
  next: z.string().optional(),
})
export type GateView = z.infer<typeof gateSchema>

/** POST /api/v1/connections/{id}/webhook (administrator): the one time that the secret is told. */
export const madeWebhookSchema = z.object({
  path: z.string(),
  /** Where the host sends deliveries: the path at the address of this server. */
  address: z.string(),
  secret: z.string(),
})
export type MadeWebhook = z.infer<typeof madeWebhookSchema>

/** GET /api/v1/connections/{id}/webhook (administrator): nothing of the secret but that there is one. */
export const webhookSchema = z.object({
  address: z.string(),
  /** Whether only programs on the machine of the server reach the address. */
  local: z.boolean(),
  /** Whether deliveries travel without TLS. */
  plain: z.boolean(),
  /** What the host calls the event of a push. */
  events: z.string(),
  /** The repository that the server follows, or that the connection is set for; absent where the host has no names for it. */
  repository: z.string().optional(),
  /** Whether the API of the host can add it. */
  canRegister: z.boolean(),
  /** How it is added by hand, in sentences. */
  byHand: z.array(z.string()),
  secret: z.object({ madeAt: z.string().optional(), madeBy: z.string().optional() }).optional(),
  /** Added at the host by Sluice; `outdated`: the secret was made anew since. */
  registered: z.object({ at: z.string(), by: z.string(), repository: z.string(), outdated: z.boolean() }).optional(),
  /** The last delivery that proved itself. */
  verified: z.object({ at: z.string(), event: z.string() }).optional(),
  /** The last one that did not. */
  refused: z.object({ at: z.string(), event: z.string(), why: z.string(), next: z.string() }).optional(),
})
export type WebhookView = z.infer<typeof webhookSchema>

/** GET /api/v1/connections/{id}/webhook/registration: what adding it would do at the host, as the host says now. */
export const webhookPlanSchema = z.object({
  repository: z.string(),
  address: z.string(),
  events: z.string(),
  /** How many webhooks with this address the repository has. */
  present: z.number(),
  /** Whether a secret is made with it: there is none yet. */
  makesSecret: z.boolean(),
})
export type WebhookPlan = z.infer<typeof webhookPlanSchema>
