import { z } from 'zod'
import { plannedStepSchema } from './planned-step.ts'

/**
 * A cluster comes into the fleet: check while it is typed, plan (writes nothing), then exactly that plan. Rights:
 * administrator of everything, because the cluster gets a credential, and objects with the engine's rights.
 */

/** A kubeconfig on its way in. It never comes back. */
export const kubeconfigWishSchema = z.object({
  text: z
    .string()
    .min(1)
    .max(256 * 1024),
  /** The current one when absent. */
  context: z.string().max(500).optional(),
})

/** Real Flux: where its manifests are from, and the options of `flux install` that are asked for. */
export const fluxWishSchema = z.object({
  /** `release`: the server downloads a release. `file`: `text`. */
  from: z.enum(['release', 'file']).default('release'),
  /** The output of `flux install --export`. */
  text: z
    .string()
    .max(2 * 1024 * 1024)
    .default(''),
  /** `v2.9.4`; Sluice's own choice when empty. */
  version: z.string().max(100).default(''),
  /** A mirror of the releases of Flux; those on github.com when empty. */
  releases: z.string().max(1000).default(''),
  /** `sha256:…` of the release's install.yaml; its own list of checksums when empty. */
  digest: z.string().max(100).default(''),
  /** Registry and path of the images; Flux's own when empty. */
  registry: z.string().max(300).default(''),
  /** Controllers beside the usual four, with commas between them. */
  extra: z.string().max(300).default(''),
})

export const fleetAddWishSchema = z.object({
  /**
   * `specs`: files of EKS Anywhere or of eksctl. `any`: any Kubernetes cluster, without specs. `import`: a repository that
   * EKS Anywhere or `flux bootstrap` made.
   */
  what: z.enum(['specs', 'any', 'import']),
  files: z
    .array(z.object({ name: z.string().min(1).max(200), text: z.string().max(512 * 1024) }))
    .max(50)
    .default([]),
  /** Of a cluster without specs: what messages and the folder call it. */
  name: z.string().max(63).default(''),
  /** Which cluster follows the repository: the server's own when absent. An import asks none but the server's own. */
  kubeconfig: kubeconfigWishSchema.optional(),
  connection: z.string().max(100).default(''),
  /** `owner/name`; as the connection has it when empty. Specs say where themselves. */
  repository: z.string().max(600).default(''),
  branch: z.string().max(200).default(''),
  path: z.string().max(400).default(''),
  /** Into a repository with files that Sluice did not make; they stay as they are. */
  adopt: z.boolean().default(false),
  /** Scale clusters that run already to the counts of their specs. */
  setCounts: z.boolean().default(false),
  /** By a pull or merge request, although the branch may take pushes. */
  byRequest: z.boolean().default(false),
  /** Keep the connection's token in the cluster, although the host has deploy keys. */
  tokenAuth: z.boolean().default(false),
  /**
   * What keeps the cluster in line. `kept`: what Git has stays, and a new fleet begins with Sluice's engine outside of the
   * cluster. `process`: Sluice's engine outside of it. `cluster`: in it, with an image. `flux`: Flux's own controllers.
   */
  engine: z.enum(['kept', 'process', 'cluster', 'flux']).default('kept'),
  /** Image of Sluice's engine in the cluster. */
  engineImage: z.string().max(500).default(''),
  /** What Sluice's engine in the cluster may change; as Git has it, else `fleet`, when absent. */
  engineRights: z.enum(['fleet', 'cluster-admin']).optional(),
  /** Secret of the engine's namespace with which its images are pulled. */
  imagePullSecret: z.string().max(253).default(''),
  flux: fluxWishSchema.optional(),
})
export type FleetAddWish = z.output<typeof fleetAddWishSchema>
export type FleetAddWishInput = z.input<typeof fleetAddWishSchema>

/** What is wrong with a wish, and where it was said. */
export const wishProblemSchema = z.object({
  field: z.enum([
    'files',
    'name',
    'kubeconfig',
    'connection',
    'repository',
    'branch',
    'path',
    'engineImage',
    'imagePullSecret',
    'fluxText',
    'fluxVersion',
    'fluxReleases',
    'fluxDigest',
    'fluxRegistry',
    'fluxExtra',
  ]),
  /** Of `files`. */
  file: z.string().optional(),
  line: z.number().optional(),
  message: z.string(),
  next: z.string().optional(),
})
export type WishProblem = z.infer<typeof wishProblemSchema>

/** POST /api/v1/fleet/add/check: what a wish means, as far as it can be told without asking anybody. */
export const fleetAddCheckSchema = z.object({
  problems: z.array(wishProblemSchema),
  warnings: z.array(z.string()),
  /** What the specs are; absent while they cannot be read. */
  kind: z.enum(['eks-anywhere', 'eksctl', 'any', 'import']).optional(),
  clusters: z.array(z.object({ name: z.string(), role: z.enum(['management', 'workload', 'eksctl', 'any']) })),
  /** Where it goes; absent while that is open. */
  place: z
    .object({
      /** The specs say it: it is changed there. */
      fixed: z.boolean(),
      repository: z.string(),
      url: z.string(),
      branch: z.string(),
      path: z.string(),
    })
    .optional(),
  kubeconfig: z
    .object({ contexts: z.array(z.string()), current: z.string(), server: z.string().optional() })
    .optional(),
  /** What the manifests of Flux are, that were given as a text. */
  flux: z.object({ version: z.string(), components: z.array(z.string()) }).optional(),
})
export type FleetAddCheck = z.infer<typeof fleetAddCheckSchema>

/** GET /api/v1/fleet/add. */
export const fleetAddStartSchema = z.object({
  /** The server's own cluster; absent when it has none. */
  cluster: z
    .object({
      server: z.string(),
      /** What it follows already. */
      follows: z.object({ url: z.string(), branch: z.string(), path: z.string() }).optional(),
    })
    .optional(),
  /** The release of Flux, and where it is downloaded, when nothing else is asked for. */
  flux: z.object({ version: z.string(), releases: z.string() }),
  /** Plans that were begun and did not come to their end, newest first. */
  unfinished: z.array(
    z.object({ plan: z.string(), target: z.string(), at: z.string(), by: z.string(), running: z.boolean() }),
  ),
})
export type FleetAddStart = z.infer<typeof fleetAddStartSchema>

/** POST /api/v1/fleet/add/apply. */
export const fleetAddApplySchema = z.object({ plan: z.string().min(1).max(100) })

/** GET /api/v1/fleet/add/plans/{id}: a plan as it was asked for, and its jobs. */
export const fleetAddPlanRecordSchema = z.object({
  plan: z.string(),
  /** Without the kubeconfig, which is sealed. */
  wish: fleetAddWishSchema.omit({ kubeconfig: true }),
  kubeconfig: z.boolean(),
  /** The job that planned it. */
  planJob: z.string(),
  /** The last job that carried it out. */
  job: z.string().optional(),
})
export type FleetAddPlanRecord = z.infer<typeof fleetAddPlanRecordSchema>

export const plannedChangeSchema = z.object({
  kind: z.enum(['repository', 'branch', 'file', 'object']),
  /** `acme/fleet`, `main`, `clusters/mgmt/a.yaml`, `Secret/flux-system/flux-system`. */
  name: z.string(),
  action: z.enum(['create', 'update', 'configure', 'keep', 'delete']),
  detail: z.string().optional(),
  /** Unified, without values of Secrets; '' where nothing changes. */
  diff: z.string().optional(),
  /** The diff goes on. */
  cut: z.boolean().optional(),
})
export type PlannedChangeView = z.infer<typeof plannedChangeSchema>

/** The result of a `fleet.bootstrap.plan` or `fleet.import.plan` job. */
export const fleetAddPlanSchema = z.object({
  plan: z.string(),
  kind: z.enum(['bootstrap', 'import']),
  /** `acme/fleet on git.example.com, branch main, folder clusters/mgmt`. */
  target: z.string(),
  /** The cluster that will follow it. */
  cluster: z.string().optional(),
  commit: z.object({
    author: z.string(),
    branch: z.string(),
    /** Why it comes by a request; absent when it is pushed. */
    review: z.string().optional(),
    /** Absent when nothing is to be committed. */
    message: z.string().optional(),
  }),
  /** Which engine will run, and where it is from: `Flux v2.9.4, in the cluster`. Absent while that is open. */
  engine: z.string().optional(),
  /** Where Flux's manifests are from, and what proves it. */
  manifests: z.string().optional(),
  warnings: z.array(z.string()),
  steps: z.array(plannedStepSchema(plannedChangeSchema)),
  /** What stands against carrying it out; absent when nothing does. */
  refusal: z
    .object({
      code: z.string(),
      message: z.string(),
      seen: z.string().optional(),
      next: z.string(),
      /** What of the wish allows it, where a person may decide so. */
      allowedBy: z.enum(['adopt', 'setCounts']).optional(),
    })
    .optional(),
  /** Whether there is nothing to do. */
  done: z.boolean(),
  /** Of an import: what was found. */
  found: z
    .object({
      fleets: z.array(
        z.object({
          path: z.string(),
          maker: z.string(),
          clusters: z.array(z.object({ name: z.string(), groups: z.string() })),
          notes: z.array(z.string()),
        }),
      ),
      outside: z.array(z.string()),
      proof: z.array(z.object({ kustomization: z.string(), path: z.string(), objects: z.number() })),
    })
    .optional(),
})
export type FleetAddPlan = z.infer<typeof fleetAddPlanSchema>

/** The result of a `fleet.bootstrap` or `fleet.import` job. */
export const fleetAddDoneSchema = z.object({
  kind: z.enum(['bootstrap', 'import']),
  url: z.string(),
  branch: z.string(),
  path: z.string().optional(),
  commit: z.string().optional(),
  /** Page of the request that it came by. */
  pullRequest: z.string().optional(),
  /** On the server's own cluster: the page of the cluster. */
  page: z.object({ namespace: z.string(), name: z.string() }).optional(),
  /** Whether it is the server's own cluster that follows it. */
  own: z.boolean(),
  /** Which engine runs: as in the plan. */
  engine: z.string().optional(),
  /** No engine goes on by itself: it ran beside the job alone. */
  engineEnded: z.boolean(),
})
export type FleetAddDone = z.infer<typeof fleetAddDoneSchema>
