import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { SluiceError } from '../base/errors/index.ts'
import type { Secret } from '../secrets/secret.ts'
import { parseOpenSshKey } from './openssh-key.ts'
import { sshNumber, sshString } from './ssh-wire.ts'

/** The public half of a key, as `authorized_keys` and known_hosts have it. */
export interface PublicKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp384`, `ssh-rsa`. */
  readonly type: string
  /** Base64. */
  readonly body: string
}

/** `SHA256:…`, as ssh-keygen -l and the Git hosts show it. */
export function keyFingerprint(body: string): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(body, 'base64')).digest('base64').replace(/=+$/, '')}`
}

/** Takes `type body comment` apart; undefined when the body does not repeat the type (RFC 4253 §6.6). */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [, type, body] = /^([a-z][a-z0-9@.-]{2,60}) ([A-Za-z0-9+/]{16,12000}={0,2})(?:\s|$)/.exec(line.trim()) ?? []
  if (type === undefined || body === undefined) return undefined
  const bytes = Buffer.from(body, 'base64')
  if (bytes.length < 4 + type.length || bytes.readUInt32BE(0) !== type.length) return undefined
  return bytes.toString('latin1', 4, 4 + type.length) === type ? { type, body } : undefined
}

const curves: Readonly<Record<string, string>> = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' }

/** A key of Node in the form of OpenSSH. */
export function publicKeyFrom(key: KeyObject): PublicKey {
  const jwk = key.export({ format: 'jwk' })
  const bytes = (field: string | undefined) => Buffer.from(field ?? '', 'base64url')
  const curve = curves[jwk.crv ?? '']
  const parts: readonly [string, ...Buffer[]] | undefined =
    jwk.kty === 'OKP' && jwk.crv === 'Ed25519'
      ? ['ssh-ed25519', sshString(bytes(jwk.x))]
      : jwk.kty === 'EC' && curve !== undefined
        ? [
            `ecdsa-sha2-${curve}`,
            sshString(curve),
            sshString(Buffer.concat([Buffer.of(4), bytes(jwk.x), bytes(jwk.y)])),
          ]
        : jwk.kty === 'RSA'
          ? ['ssh-rsa', sshNumber(bytes(jwk.e)), sshNumber(bytes(jwk.n))]
          : undefined
  if (!parts) {
    throw new SluiceError('E_GIT_SSH_KEY', {
      expected: 'an Ed25519, ECDSA or RSA key',
      seen: `a key of type ${jwk.kty ?? 'unknown'} ${jwk.crv ?? ''}`.trim(),
    })
  }
  const [type, ...rest] = parts
  return { type, body: Buffer.concat([sshString(type), ...rest]).toString('base64') }
}

/** The public half of a private key in PEM or OpenSSH form. Fails with E_GIT_SSH_KEY. */
export function publicKeyOf(privateKey: Secret, passphrase?: Secret): PublicKey {
  const pem = privateKey.reveal()
  if (/^-----BEGIN OPENSSH PRIVATE KEY-----/m.test(pem)) {
    const blob = parseOpenSshKey(pem)?.publicKey
    const length = blob && blob.length > 4 ? blob.readUInt32BE(0) : 0
    if (blob && length > 0 && length < 100)
      return { type: blob.toString('latin1', 4, 4 + length), body: blob.toString('base64') }
    throw new SluiceError('E_GIT_SSH_KEY', { expected: 'a whole private key', seen: 'one that was cut' })
  }
  let key: KeyObject
  try {
    key = createPrivateKey({ key: pem, ...(passphrase && { passphrase: passphrase.reveal() }) })
  } catch {
    throw new SluiceError('E_GIT_SSH_KEY', {
      expected: 'a private key in PEM or OpenSSH form, with its passphrase when it has one',
      seen: 'something that cannot be opened',
    })
  }
  return publicKeyFrom(createPublicKey(key))
}
