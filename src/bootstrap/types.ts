import type { Clock } from '../base/clock.ts'
import type { SluiceError } from '../base/errors/index.ts'
import type { Logger } from '../base/log.ts'
import type { FluxManifests } from '../flux/index.ts'
import type { ReviewEvent, ReviewMode } from '../forges/changes/index.ts'
import type { CheckLine } from '../forges/index.ts'
import type { Forge } from '../forges/types.ts'
import type { CommitSigner } from '../git/index.ts'
import type { CommitAuthor } from '../git/types.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { ObjectRef } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import type { EngineSettings } from '../layout/index.ts'
import type { Approval } from './approval.ts'
import type { KeptSync } from './desired-files.ts'
import type { Fleet } from './fleet-input.ts'
import type { BranchView } from './repository-view.ts'
import type { SyncCredential } from './sync-credential.ts'

/** Everything that a bootstrap works with. */
export interface BootstrapContext {
  readonly fleet: Fleet
  readonly forge: Forge
  readonly client: KubeClient
  /** Folder for the mirror and the journal. */
  readonly dataDir: string
  /** Whether a repository with files that Sluice did not make is adopted: files are added, none is changed. False when absent. */
  readonly adopt?: boolean
  /** Real Flux, to be installed in the cluster; our engine when absent. */
  readonly flux?: FluxInstall | undefined
  /** Where Sluice's engine runs; when absent as Git has it, and outside of the cluster where Git has nothing. */
  readonly place?: EnginePlace | undefined
  /** What a person has seen and agreed to: nothing else is done. Anything when absent. */
  readonly approval?: Approval
  /** Whether counts of clusters that run already may change to those of the specs. False when absent. */
  readonly setCounts?: boolean
  /** With what the cluster fetches; the token itself when absent. */
  readonly sync?: SyncCredential
  /** Author of the commits; the token's own user when absent. */
  readonly author?: CommitAuthor | undefined
  /** The author when absent. */
  readonly committer?: CommitAuthor | undefined
  readonly signer?: CommitSigner | undefined
  /** How the files come to the branch; `auto` when absent. */
  readonly review?: ReviewMode
  /** How long to wait for a request to be merged, in milliseconds. */
  readonly reviewTimeoutMs?: number | undefined
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
  /** How long to wait for Ready, in milliseconds. */
  readonly timeoutMs: number
  /** Told of each event, for live output. */
  readonly onEvent?: (event: BootstrapEvent) => void
  /** Wraps each effect on the world; tests make it fail or end the process there. */
  readonly effect?: EffectSeam
}

/** Real Flux, as it is installed. */
export interface FluxInstall {
  /** With the options applied. */
  readonly manifests: FluxManifests
  /** Where they are from and what proves it, in one sentence. */
  readonly origin: string
  /** With which images are pulled; it goes to the cluster alone. */
  readonly pullSecret?: KubeObject
}

/** Where Sluice's own engine runs. `settings` stand above what Git has. */
export type EnginePlace =
  | { readonly in: 'process' }
  | { readonly in: 'cluster'; readonly settings: Partial<EngineSettings> }

/** Runs one effect on the world, named like `repository.create`. */
export type EffectSeam = <T>(name: string, work: () => Promise<T>) => Promise<T>

export type StepId = 'check' | 'repository' | 'branch' | 'files' | 'engine' | 'ready' | SwitchStepId

/** Steps of a change of the engine. */
export type SwitchStepId = 'hold' | 'stop' | 'start' | 'resume' | 'sweep'

/** What inspecting a step found: data, ready to be printed. */
export interface StepPlan {
  readonly id: StepId
  readonly title: string
  /** `done`: nothing to do; `to-do`: applying will change something; `blocked`: it cannot go on, see problem. */
  readonly state: 'done' | 'to-do' | 'blocked' | 'not-run'
  /** One sentence: what is, or what will be done. */
  readonly summary: string
  readonly changes: readonly PlannedChange[]
  readonly notes?: readonly string[]
  /** Of the commit that it would make. */
  readonly message?: string
  /** Of the files: which engine they run, and where. */
  readonly engine?: PlannedEngine
  readonly problem?: SluiceError
}

/** The engine of a fleet: Sluice's in a process outside of the cluster, or in it with an image, or real Flux's controllers. */
export type PlannedEngine =
  | { readonly runs: 'process' }
  | { readonly runs: 'cluster'; readonly image: string }
  /** Without a version where Git has it, and it stays. */
  | { readonly runs: 'flux'; readonly version?: string }

export type PlannedChange =
  | ({ readonly kind: 'check' } & CheckLine)
  | {
      readonly kind: 'repository'
      readonly name: string
      readonly action: 'create' | 'keep'
      readonly private: boolean
    }
  | { readonly kind: 'branch'; readonly name: string; readonly action: 'create' | 'keep'; readonly from?: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly action: 'create' | 'update' | 'keep'
      readonly diff: string
      /** SHA-256 of what the file holds afterwards; where it is worked out. */
      readonly content?: string
    }
  | {
      readonly kind: 'object'
      readonly ref: ObjectRef
      readonly action: 'create' | 'configure' | 'keep' | 'delete'
      /** Of the fields that are applied, without values of Secrets; where it is worked out. */
      readonly diff?: string
    }

/** A step of the plan: reads first (`inspect`), then writes (`apply`), each safe to repeat. */
export interface BootstrapStep {
  readonly id: StepId
  readonly title: string
  /** Reads only. */
  inspect(context: BootstrapContext, state: RunState): Promise<StepPlan>
  /** Brings the world to what the plan says. Called only when `inspect` said `to-do`. */
  apply(context: BootstrapContext, state: RunState, plan: StepPlan): Promise<StepResult>
}

/** What earlier steps found out, for later ones. */
export interface RunState {
  /** Whether this is a dry run: steps then reason about what earlier steps would have made. */
  readonly dryRun: boolean
  login?: string
  /** When the token ends, ISO 8601. */
  expires?: string
  repositoryExists?: boolean
  /** Tip of the branch; undefined when the branch is not there yet. */
  tip?: string
  /** Where the branch stood when it was looked at. */
  view?: BranchView
  /** Whether the files run Sluice's engine in the cluster. */
  engineInCluster?: boolean
  /** Deployments that must be rolled out. */
  controllers?: readonly string[]
  /** The revision that the cluster's source had before anything was pushed: what differs from it later came after. */
  fetchedBefore?: string
  /** The commit that holds the fleet's files. */
  commit?: string
  /** Page of the request that the files came by. */
  pullRequest?: string
  /** What stands in Git of the synchronization and stays. */
  kept?: KeptSync
}

export interface StepResult {
  /** One sentence in the past tense: `committed 3f2a9c1 to main`. */
  readonly summary: string
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

export type BootstrapEvent =
  /**
   * A run before this one ended in this step, by a failure or by force; or, with `beside`, it is in it at this moment, in
   * another process. Each step looks at the world all the same.
   */
  | { readonly type: 'resumed'; readonly step: StepId; readonly title: string; readonly beside: boolean }
  | { readonly type: 'step-started'; readonly step: StepId; readonly title: string }
  | { readonly type: 'check'; readonly step: StepId; readonly line: CheckLine }
  | { readonly type: 'step-progress'; readonly step: StepId; readonly text: string }
  | { readonly type: 'review'; readonly step: StepId; readonly event: ReviewEvent }
  | {
      readonly type: 'step-finished'
      readonly step: StepId
      readonly outcome: 'done' | 'unchanged'
      readonly summary: string
      readonly ms: number
    }
  | { readonly type: 'step-failed'; readonly step: StepId; readonly error: SluiceError; readonly ms: number }
  | { readonly type: 'step-skipped'; readonly step: StepId; readonly title: string }

export interface BootstrapReport {
  readonly outcome: 'done' | 'failed'
  readonly steps: readonly {
    readonly id: StepId
    readonly title: string
    readonly outcome: 'done' | 'unchanged' | 'failed' | 'not-run'
    readonly summary: string
    readonly seconds: number
  }[]
  readonly error?: SluiceError
  readonly repository: {
    readonly owner: string
    readonly name: string
    readonly url: string
    readonly branch: string
    readonly path: string
  }
  /** Whether Sluice's engine runs in the cluster from now on. */
  readonly engineInCluster?: boolean
  readonly commit?: string
  /** Page of the pull or merge request that the files came by. */
  readonly pullRequest?: string
}
