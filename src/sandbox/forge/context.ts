import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { Semaphore } from '../../base/semaphore.ts'
import type { HookSender } from './deliveries.ts'
import type { OpenRepositories } from './open-repositories.ts'
import type { Store } from './store.ts'

/** A ref that a push moved. */
export interface PushEvent {
  readonly owner: string
  readonly repo: string
  /** Full name, such as `refs/heads/main`. */
  readonly ref: string
  /** Commit before; 40 zeros when the ref is new. */
  readonly before: string
  /** Commit after; 40 zeros when the ref was deleted. */
  readonly after: string
  /** Login of the account that pushed. */
  readonly pusher: string
}

/** What every part of the forge works with. */
export interface ForgeContext {
  readonly store: Store
  readonly dataDir: string
  readonly logger: Logger
  readonly clock: Clock
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** Bounds the git processes that run at once. */
  readonly gitSlots: Semaphore
  readonly opened: OpenRepositories
  readonly hooks: HookSender
  /** A push may bring at most so many bytes. */
  readonly maxPushBytes: number
  /** Tells everybody about a push; listeners never fail the push. */
  readonly announce: (event: PushEvent) => void
}
