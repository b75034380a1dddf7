import type { Secret } from './secret.ts'

/** What a credential is: a token (or password), or a private key for SSH. */
export type CredentialKind = 'token' | 'ssh-key'

/** What stands in the clear beside a sealed value. None of it can be changed without the master key. */
export interface CredentialMeta {
  /** Unique in the store: `github.com`, `acme-deploy`. */
  readonly name: string
  readonly kind: CredentialKind
  /** The host, with its port and path where it has them, that the value may be sent to; and no other. */
  readonly host: string
  /** Kind of Git host, when it was said: `github`. */
  readonly forge?: string
  /** The name that goes with a password, where a host wants one. */
  readonly username?: string
  /** Whose it is, as the host said when it was proven. */
  readonly owner?: string
  /** Of a token, 16 hexadecimal digits of its SHA-256; of a key, its SHA256 fingerprint as ssh-keygen shows it. */
  readonly fingerprint: string
  /** When it was added, ISO 8601. */
  readonly added: string
  /** When it ends, ISO 8601; absent when it does not end or the host does not tell. */
  readonly expires?: string
  /** When the host last accepted it, ISO 8601. */
  readonly proven?: string
}

/** A value as it is put in and taken out. */
export interface CredentialValue {
  readonly secret: Secret
  /** Of an encrypted private key. */
  readonly passphrase?: Secret
}

/** What may change while the value stays. */
export type CredentialPatch = Partial<Pick<CredentialMeta, 'owner' | 'expires' | 'proven'>>
