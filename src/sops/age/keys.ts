import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { Secret } from '../../secrets/secret.ts'
import { Failure } from '../failure.ts'
import { decodeBech32, encodeBech32 } from './bech32.ts'

/** Wrappings of raw X25519 keys that Node reads (RFC 8410). */
const pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const spki = Buffer.from('302a300506032b656e032100', 'hex')

/** A public key of age, as `age1…`. */
export interface Recipient {
  readonly text: string
  readonly point: Buffer
}

/** A secret key of age: what opens files that were made for its recipient. */
export interface Identity {
  readonly recipient: Recipient
  /** The key agreement with another point. @throws Failure for a point that gives no secret */
  agree(point: Buffer): Buffer
}

/** Reads `age1…`. @throws Failure for anything else; other kinds of recipients are refused by name */
export function parseRecipient(text: string): Recipient {
  const trimmed = text.trim()
  if (/^age1(?:pq|tag|tagpq)1/.test(trimmed) || /^age1[a-z0-9]+1/.test(trimmed.slice(0, 24))) {
    throw new Failure('E_SOPS_UNSUPPORTED', {
      expected: 'an X25519 recipient (age1…)',
      seen: `the recipient ${trimmed.slice(0, 12)}… of another kind (post-quantum or a plugin)`,
    })
  }
  const { prefix, bytes } = decodeBech32(trimmed)
  if (prefix !== 'age' || bytes.length !== 32) {
    throw new Failure('E_SOPS_AGE_KEY', {
      expected: 'a recipient, age1…',
      seen: `something that begins with ${prefix}`,
    })
  }
  return { text: trimmed, point: bytes }
}

/**
 * The identities of a key file: one `AGE-SECRET-KEY-1…` a line, comments and empty lines between.
 *
 * @throws Failure for a line that is none; the line is named by its number only
 */
export function parseIdentities(file: string): Identity[] {
  const identities: Identity[] = []
  for (const [at, raw] of file.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const where = { object: `line ${at + 1}` }
    if (/^AGE-(?:PLUGIN|SECRET-KEY-PQ)-/.test(line)) {
      throw new Failure('E_SOPS_UNSUPPORTED', {
        ...where,
        expected: 'an X25519 identity (AGE-SECRET-KEY-1…)',
        seen: 'a post-quantum identity or one of a plugin',
      })
    }
    try {
      identities.push(identityOf(line))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw new Failure(error.code, { expected: 'AGE-SECRET-KEY-1…', ...error.facts, ...where })
    }
    if (identities.length > 1000) throw new Failure('E_SOPS_AGE_KEY', { seen: 'more than 1000 identities' })
  }
  return identities
}

function identityOf(line: string): Identity {
  const { prefix, bytes } = decodeBech32(line)
  if (prefix !== 'AGE-SECRET-KEY-' || bytes.length !== 32) {
    throw new Failure('E_SOPS_AGE_KEY', { seen: prefix === 'age' ? 'a recipient: the public half' : 'another key' })
  }
  Secret.of(line)
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, bytes]), format: 'der', type: 'pkcs8' })
  const point = rawPoint(createPublicKey(key))
  return {
    recipient: { text: encodeBech32('age', point), point },
    agree: other => agreed(key, other),
  }
}

/** The shared secret of a key and a point. */
export function agreed(key: KeyObject, point: Buffer): Buffer {
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([spki, point]), format: 'der', type: 'spki' })
    return diffieHellman({ privateKey: key, publicKey })
  } catch {
    throw new Failure('E_SOPS_FORMAT', { seen: 'a point that gives no shared secret' })
  }
}

/** A key of its own for one file. */
export function ephemeralKey(): { readonly key: KeyObject; readonly point: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('x25519')
  return { key: privateKey, point: rawPoint(publicKey) }
}

/** A new identity, as `age-keygen` makes it. */
export function generateIdentity(): { readonly identity: Secret; readonly recipient: string } {
  const { key, point } = ephemeralKey()
  const bytes = key.export({ format: 'der', type: 'pkcs8' }).subarray(-32)
  return { identity: Secret.of(encodeBech32('AGE-SECRET-KEY-', bytes)), recipient: encodeBech32('age', point) }
}

function rawPoint(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32)
}
