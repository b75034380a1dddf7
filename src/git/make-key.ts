import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { SluiceError } from '../base/errors/index.ts'
import { Secret } from '../secrets/secret.ts'
import { type PublicKey, publicKeyFrom } from './public-key.ts'
import { sshString } from './ssh-wire.ts'

/** Algorithms by Flux's names (`--ssh-key-algorithm`). */
export const sshKeyAlgorithms = ['ecdsa', 'ed25519', 'rsa'] as const
/** Curves by Flux's names (`--ssh-ecdsa-curve`). */
export const sshCurves = ['p256', 'p384', 'p521'] as const

/** What key to make; Flux's defaults where absent: ecdsa, p384, 2048 bits. */
export interface KeyChoice {
  readonly algorithm?: (typeof sshKeyAlgorithms)[number]
  readonly curve?: (typeof sshCurves)[number]
  /** A multiple of 8 from 2048 to 8192. */
  readonly rsaBits?: number
}

/** A pair made here; the private half has no passphrase. */
export interface KeyPair {
  readonly privateKey: Secret
  readonly publicKey: PublicKey
}

const generate = promisify(generateKeyPair)

/**
 * Makes a key pair for SSH. ECDSA and RSA keys are PKCS#8 PEM, as Flux writes them; Ed25519 is in OpenSSH's own form, which
 * every ssh reads (PKCS#8 for it came with OpenSSH 9.6). Fails with E_GIT_SSH_KEY for sizes out of bounds.
 */
export async function makeSshKey({
  algorithm = 'ecdsa',
  curve = 'p384',
  rsaBits = 2048,
}: KeyChoice = {}): Promise<KeyPair> {
  if (algorithm === 'rsa' && (!Number.isInteger(rsaBits) || rsaBits < 2048 || rsaBits > 8192 || rsaBits % 8 !== 0)) {
    throw new SluiceError('E_GIT_SSH_KEY', {
      object: 'RSA key',
      expected: 'a multiple of 8 from 2048 to 8192 bits',
      seen: String(rsaBits),
    })
  }
  const pair: { publicKey: KeyObject; privateKey: KeyObject } =
    algorithm === 'ed25519'
      ? await generate('ed25519')
      : algorithm === 'rsa'
        ? await generate('rsa', { modulusLength: rsaBits })
        : await generate('ec', { namedCurve: `P-${curve.slice(1)}` })
  const publicKey = publicKeyFrom(pair.publicKey)
  const text =
    algorithm === 'ed25519'
      ? openSshForm(pair.privateKey, publicKey)
      : pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return { privateKey: Secret.of(text), publicKey }
}

/** "openssh-key-v1" (OpenSSH, PROTOCOL.key) of one Ed25519 key without a passphrase. */
function openSshForm(privateKey: KeyObject, { type, body }: PublicKey): string {
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' })
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
  const check = randomBytes(4)
  const parts = [
    check,
    check,
    sshString(type),
    sshString(point),
    sshString(Buffer.concat([seed, point])),
    sshString(''),
  ]
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, i) => i + 1))
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    Buffer.from([0, 0, 0, 1]),
    sshString(Buffer.from(body, 'base64')),
    sshString(Buffer.concat([...parts, padding])),
  ])
  const lines = bytes.toString('base64').replace(/.{70}/g, '$&\n').trimEnd()
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
