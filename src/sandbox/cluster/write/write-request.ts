import type { User } from '../auth/user.ts'
import type { ServedKind } from '../kinds/registry.ts'
import type { WriteOptions } from './options.ts'

/** A write of one object, however it came in. */
export interface WriteRequest {
  readonly kind: ServedKind
  readonly namespace: string
  /** '' for creates. */
  readonly name: string
  readonly subresource: string
  readonly user: User
  readonly options: WriteOptions
  /** Whether the object is the server's own and its kind's rules for clients do not count. */
  readonly trusted?: boolean
  /** Collects warnings for the client. */
  readonly warnings: string[]
}

/** The object as it is now, in its storage version; and what happened to it. */
export interface WriteOutcome {
  readonly json: string
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'deleted'
}
