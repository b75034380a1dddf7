import type { ApiTokens, LoginLimiter, Sessions, SetupLink, Users } from '../access/index.ts'
import type { OidcSignIn } from '../access/oidc.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { EffectSeam } from '../bootstrap/types.ts'
import type { Connections } from '../connections/index.ts'
import type { MetricsRegistry } from '../engine/metrics/registry.ts'
import type { GraphWatch } from '../insight/graph/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { Keyring, SealedValues, Store } from '../store/index.ts'
import type { Troubles } from './applications/troubles.ts'
import type { Audit } from './audit.ts'
import type { FleetState } from './fleet/index.ts'
import type { FluxObjects } from './flux/flux-objects.ts'
import type { KeptAnswers } from './http/kept-answers.ts'
import type { Front } from './http/origin.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { LiveHub } from './live/hub.ts'
import type { Periodic } from './periodic.ts'
import type { FollowedRepository } from './repository/index.ts'

/** What every handler may use. One for the life of a server. */
export interface ServerContext {
  readonly store: Store
  /** Secrets at rest. */
  readonly secrets: SealedValues
  /** Master keys: for keys of other purposes. */
  readonly keyring: Keyring
  /** Git hosts and their credentials. */
  readonly connections: Connections
  readonly clock: Clock
  readonly logger: Logger
  readonly live: LiveHub
  readonly jobs: Jobs
  readonly periodic: Periodic
  readonly audit: Audit
  readonly metrics: MetricsRegistry
  readonly access: {
    readonly users: Users
    readonly sessions: Sessions
    readonly tokens: ApiTokens
    readonly setup: SetupLink
    readonly limiter: LoginLimiter
    readonly oidc: OidcSignIn | undefined
  }
  /** The repository that the management cluster follows. */
  readonly repository: FollowedRepository
  /** Clusters and node groups. */
  readonly fleet: FleetState
  /** The management cluster; absent when the server has none. */
  readonly client: KubeClient | undefined
  /** Flux's objects in it, watched; absent without a cluster. */
  readonly flux: FluxObjects | undefined
  /** What is to blame where a release does not get on. */
  readonly troubles: Troubles
  /** Answers that many ask for at once. */
  readonly kept: KeptAnswers
  /** What the engine does in it; absent without one. */
  readonly reconciliation: GraphWatch | undefined
  /** Folder for files of the server: mode 0700. */
  readonly dataDir: string
  readonly front: Front
  /** Whether only this machine can reach the server. */
  readonly local: boolean
  /** Which of the servers of the store this is. */
  readonly serverId: string
  /** Wraps each effect of a bootstrap; tests end the process there. */
  readonly effect?: EffectSeam
  /** Aborted when the server ends. */
  readonly signal: AbortSignal
}
