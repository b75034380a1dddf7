import type { Logger } from '../../base/log.ts'
import type { SyncCredential } from '../../bootstrap/index.ts'
import type { FleetSync } from '../../fleet/find-sync.ts'
import type { FleetRepository } from '../../fleet/repository-remote.ts'
import type { ReviewEvent, ReviewMode } from '../../forges/changes/index.ts'
import type { CommitAuthor, CommitSigner, Mirror } from '../../git/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { RunContext } from '../steps.ts'
import type { Place } from './place.ts'

/** What shall be another one; what is absent stays. */
export interface MoveWish {
  readonly branch?: string
  readonly path?: string
  readonly interval?: string
  readonly syncInterval?: string
}

export interface MoveContext extends RunContext {
  readonly client: KubeClient
  readonly dataDir: string
  /** The copy that all steps read and write through. */
  readonly mirror: Mirror
  /** The repository that the cluster follows; undefined when nobody has a credential for its host. */
  readonly old: FleetRepository | undefined
  /** Where to; the same as `old` when the repository stays. */
  readonly target: FleetRepository
  readonly isOtherRepository: boolean
  readonly wish: MoveWish
  /** With what the cluster fetches from the target; as now when absent. */
  readonly sync?: SyncCredential | undefined
  /** Whether the old repository gets a file that says where its content is now. */
  readonly note: boolean
  readonly review: ReviewMode
  readonly reviewTimeoutMs?: number | undefined
  readonly onReview?: (event: ReviewEvent) => void
  readonly author: CommitAuthor
  readonly committer?: CommitAuthor | undefined
  readonly signer?: CommitSigner | undefined
  readonly logger: Logger
  readonly timeoutMs: number
}

/**
 * How far earlier runs came. `before`: the cluster follows the old place, and Git says so; `pointed`: Git says the new one,
 * and the cluster has yet to take that up; `switched`: the cluster follows the new place.
 */
export type MoveStage = 'before' | 'pointed' | 'switched'

/** What steps find out for later ones. `check` fills everything that is not optional. */
export interface MoveState {
  readonly dryRun: boolean
  found?: Found
  /** Name of the Secret that the cluster fetches with at first: a new one, until the old one is of no use to anybody. */
  secret?: string | undefined
  repositoryExists?: boolean
  /** The commit of the old branch that was carried. */
  carried?: string
  /** The commit at the new place that the cluster has to apply. */
  commit?: string
  /** When the target's token ends, ISO 8601. */
  expires?: string
}

export interface Found {
  readonly sync: FleetSync
  readonly from: Place
  readonly to: Place
  readonly stage: MoveStage
  /** Why the old repository cannot be read; undefined when it can. */
  readonly gone: string | undefined
  /** Whether only the folder, or the way to fetch, changes: then one commit on the branch does it. */
  readonly sameBranch: boolean
  /** UID of everything that the cluster applied from Git, by reference. */
  readonly uids: ReadonlyMap<string, string>
  /** Specs of FluxConfig and GitOpsConfig that the cluster takes, and what it says of those that it does not. */
  readonly configs: ConfigChanges
}

/** What becomes of the FluxConfig and GitOpsConfig objects of a fleet. */
export interface ConfigChanges {
  /** By `kind/namespace/name`. */
  readonly specs: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  readonly notes: readonly string[]
}
