import type { PublicKey } from '../git/public-key.ts'
import type { GitAuth } from '../git/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { expiresAnnotation } from '../secrets/expiry.ts'
import { Secret } from '../secrets/secret.ts'

const encode = (text: string) => Buffer.from(text).toString('base64')

/** The key in a Secret of Flux that holds the secret part of each kind of credential. */
export const secretKeys = ['password', 'bearerToken', 'identity'] as const

/**
 * Keys as Flux's source-controller reads them: `username` and `password`, or `bearerToken`, or `identity` and
 * `known_hosts` (with `identity.pub` for people and for later runs), and `ca.crt`.
 */
export function syncSecretData(auth: GitAuth | undefined, ca?: string, publicKey?: PublicKey): Record<string, string> {
  return {
    ...(auth?.kind === 'basic' ? { username: encode(auth.username), password: encode(auth.password.reveal()) } : {}),
    ...(auth?.kind === 'bearer' ? { bearerToken: encode(auth.token.reveal()) } : {}),
    ...(auth?.kind === 'ssh'
      ? {
          identity: encode(auth.privateKey.reveal()),
          ...(publicKey ? { 'identity.pub': encode(`${publicKey.type} ${publicKey.body}\n`) } : {}),
          known_hosts: encode(auth.knownHosts),
          ...(auth.passphrase ? { password: encode(auth.passphrase.reveal()) } : {}),
        }
      : {}),
    ...(ca === undefined || auth?.kind === 'ssh' ? {} : { 'ca.crt': encode(ca) }),
  }
}

/** The Secret of a source. `expires` (ISO 8601) is written beside it for the watch on expiry. */
export function syncSecret(
  name: string,
  namespace: string,
  data: Readonly<Record<string, string>>,
  expires?: string,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, ...(expires === undefined ? {} : { annotations: { [expiresAnnotation]: expires } }) },
    type: 'Opaque',
    data,
  }
}

/** One value of a Secret as text; undefined when it is not there. */
export function secretText(secret: KubeObject | undefined, key: string): string | undefined {
  const value = (secret?.['data'] as Record<string, unknown> | undefined)?.[key]
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined
}

/** The SSH credential of a Secret; undefined when it holds none. */
export function sshAuthOf(secret: KubeObject | undefined): Extract<GitAuth, { kind: 'ssh' }> | undefined {
  const identity = secretText(secret, 'identity')
  if (!identity) return undefined
  const passphrase = secretText(secret, 'password')
  return {
    kind: 'ssh',
    privateKey: Secret.of(identity),
    knownHosts: secretText(secret, 'known_hosts') ?? '',
    ...(passphrase ? { passphrase: Secret.of(passphrase) } : {}),
  }
}
