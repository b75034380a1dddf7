import type { Principal, Scope } from '../../access/index.ts'
import type { AppsPlace } from '../../apps/paths.ts'
import type { RepositoryPointer } from '../../apps/types.ts'
import type { Clock } from '../../base/clock.ts'
import type { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import type { Logger } from '../../base/log.ts'
import type { Connection, Connections } from '../../connections/index.ts'
import type { FleetSync } from '../../fleet/find-sync.ts'
import type { ChangeText, ReviewEvent } from '../../forges/changes/index.ts'
import type { FileChange, Mirror } from '../../git/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { LiveHub } from '../live/hub.ts'

/** The repository as it was when it was last fetched. */
export interface RepositoryState {
  readonly sync: FleetSync
  /** Where applications stand in it. */
  readonly place: AppsPlace
  /** The connection that it was fetched with. */
  readonly connection: Connection
  /** Every commit of the branch: trees, log, diffs. */
  readonly mirror: Mirror
  /** Tip of the branch. */
  readonly tip: string
  /** Files at the tip; those of applications with a repository of their own stand among them. */
  readonly tree: FileTree
  /** ISO 8601. */
  readonly fetchedAt: string
  /** The same for the same files: the tips of all repositories. */
  readonly version: string
  /** Repositories of applications, by application. */
  readonly own: ReadonlyMap<string, OwnRepository>
  /** Why others cannot be read. */
  readonly ownProblems: ReadonlyMap<string, SluiceError>
  /** Set in the state of an application with a repository of its own: then mirror, tip, place and address are that one's. */
  readonly home?: Home
}

/** A repository of an application's own, as it was when it was last fetched. */
export interface OwnRepository {
  readonly app: string
  readonly pointer: RepositoryPointer
  readonly connection: Connection
  readonly mirror: Mirror
  readonly tip: string
  readonly tree: FileTree
}

/** Where an application stands that has a repository of its own. */
export interface Home {
  readonly app: string
  /** Owner and name, as people say it: `acme/shop-config`. */
  readonly title: string
  /** The fleet's repository, which points to it. */
  readonly fleet: RepositoryState
  /** The host's id of it; undefined while it is not there. */
  readonly id: string | undefined
  /** Files at the tip; none while it is not there. */
  readonly tree: FileTree
}

/** A change that a person makes: one commit, or a request for one. */
export interface RepositoryChange {
  readonly who: Principal
  /** Every place that it reaches: the gate is asked for each. */
  readonly scopes: readonly Scope[]
  /** The commit that the change was worked out from. */
  readonly from: string
  /** What must be as it was then; folders and files. */
  readonly watched: readonly string[]
  readonly changes: readonly FileChange[]
  readonly message: string
  /** The same words for the same change; names the branch of a request. */
  readonly key: string
  readonly text: ChangeText
  /** By a request, although the branch may take pushes. */
  readonly byRequest: boolean
  /** The repository of an application, in place of the fleet's. */
  readonly into?: OwnTarget
  readonly onReview?: (event: ReviewEvent) => void
  readonly signal: AbortSignal
}

/** The repository of an application's own that a change goes to. */
export interface OwnTarget {
  readonly app: string
  readonly url: string
  readonly branch: string
  readonly id: string
}

export interface FollowedRepositoryParts {
  readonly client: KubeClient | undefined
  readonly connections: Connections
  readonly clock: Clock
  readonly logger: Logger
  readonly live: LiveHub
  readonly dataDir: string
  readonly signal: AbortSignal
}
