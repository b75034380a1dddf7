import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Authenticator } from './auth/authenticator.ts'
import type { ServiceAccountTokens } from './auth/service-account-tokens.ts'
import type { KindRegistry } from './kinds/registry.ts'
import type { AdmissionPlugin } from './kinds/types.ts'
import type { Store } from './store/store.ts'

/** What every part of the API server works on. */
export interface ClusterState {
  readonly store: Store
  readonly kinds: KindRegistry
  readonly admission: readonly AdmissionPlugin[]
  readonly clock: Clock
  readonly logger: Logger
  /** Whether controllers of the control plane run: namespace contents, garbage collection, service accounts. */
  readonly controllers: boolean
  readonly authenticator: Authenticator
  readonly tokens: ServiceAccountTokens
}
