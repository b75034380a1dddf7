import type { CheckLine, ForgeKind } from '../forges/index.ts'
import type { Secret } from '../secrets/secret.ts'

/** The credential of a connection. */
export type ConnectionCredential =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'ssh'; readonly privateKey: Secret; readonly passphrase?: Secret }

/** What a person says of a Git host. Nothing of it is secret but the credential, which is kept apart. */
export interface ConnectionSettings {
  /** Organization, group, workspace or user that owns the repositories: a path or an id. Empty for `git`. */
  readonly owner: string
  /** Whether the owner is the account of the credential itself, and no organization or group. */
  readonly personal: boolean
  /** Name that goes with the token, where the host wants one. */
  readonly username?: string | undefined
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string | undefined
  /** Address of an HTTP proxy, without a login. */
  readonly proxy?: string | undefined
  /** SSH: what proves the host, in known_hosts form. */
  readonly knownHosts?: string | undefined
  /** The repository that the diagnosis looks at, and that new things go to unless they say otherwise. */
  readonly repository: string
  readonly branch: string
  /** What the repository of an application is called: `{app}` and `{project}` are filled in. */
  readonly repositoryTemplate: string
  readonly visibility: 'private' | 'internal' | 'public'
  /** How changes come to the branch. */
  readonly review: 'auto' | 'always' | 'never'
}

/** A connection as it is about to be: what Validate works on. */
export interface ConnectionDraft {
  readonly name: string
  readonly kind: ForgeKind
  /** Host as people write it; the repository's address for `git`. */
  readonly host: string
  readonly settings: ConnectionSettings
}

/** What a diagnosis found. */
export interface Proof {
  /** ISO 8601. */
  readonly at: string
  /** `unknown`: the host could not be asked, which says nothing against the credential. */
  readonly outcome: 'proven' | 'failed' | 'unknown'
  readonly lines: readonly CheckLine[]
  /** Who the credential belongs to, as far as the host tells. */
  readonly login?: string
  /** ISO 8601. */
  readonly expiresAt?: string
  /** Whether a person saved it although it failed. */
  readonly insisted?: boolean
}

/** A saved connection. */
export interface Connection extends ConnectionDraft {
  readonly id: string
  readonly version: number
  readonly isDefault: boolean
  readonly changedAt: string
  readonly changedBy: string
  readonly proof: Proof | undefined
  readonly provenAt: string | undefined
  readonly nextProofAt: string | undefined
  readonly bindings: readonly { readonly project: string; readonly environment: string }[]
}

/**
 * What the tick says: `proven` (green), `attention` (amber: it ends soon, or could not be asked of late), `broken` (red: the
 * last proof failed, or the credential has ended), `unproven` (saved without a proof).
 */
export type ConnectionState = 'proven' | 'attention' | 'broken' | 'unproven'
