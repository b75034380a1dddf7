import { createHash } from 'node:crypto'
import { keyFingerprint, publicKeyOf } from '../git/public-key.ts'
import type { Secret } from '../secrets/secret.ts'
import type { CredentialKind } from '../secrets/store.ts'

/** A digest that tells values apart. Tokens are random and long: it gives nothing of them away. */
export function digestOf(value: Secret): string {
  return createHash('sha256').update(value.reveal()).digest('hex')
}

/** What is shown in place of a value: 16 digits of a token's digest, or the fingerprint of a key. */
export function fingerprintOf(kind: CredentialKind, value: Secret, passphrase?: Secret): string {
  if (kind === 'token') return digestOf(value).slice(0, 16)
  return keyFingerprint(publicKeyOf(value, passphrase).body)
}
