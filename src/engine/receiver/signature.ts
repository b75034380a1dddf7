import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../secrets/secret.ts'

const algorithms: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 }

/** Whether a text is the secret; how long it takes says nothing about the secret. */
export function sameSecret(text: string | undefined, secret: Secret): boolean {
  if (text === undefined || secret.isEmpty) return false
  const digest = (value: string) => createHash('sha256').update(value).digest()
  return timingSafeEqual(digest(text), digest(secret.reveal()))
}

/**
 * Whether `sha1=`, `sha256=` or `sha512=` and hexadecimal digits is the HMAC of a body. The digits must be exactly as
 * many as the algorithm gives.
 */
export function signed(header: string | undefined, body: Buffer, key: Secret): boolean {
  const found = /^(sha1|sha256|sha512)=([0-9a-fA-F]+)$/.exec(header ?? '')
  return found !== null && digestMatches(found[1] ?? '', found[2] ?? '', body, key)
}

/** Whether plain hexadecimal digits are the HMAC with SHA-1 of a body, as Nexus signs. */
export function signedSha1(digits: string | undefined, body: Buffer, key: Secret): boolean {
  return digits !== undefined && /^[0-9a-f]+$/.test(digits) && digestMatches('sha1', digits, body, key)
}

function digestMatches(algorithm: string, digits: string, body: Buffer, key: Secret): boolean {
  if (key.isEmpty || digits.length !== (algorithms[algorithm] ?? 0) * 2) return false
  return timingSafeEqual(Buffer.from(digits, 'hex'), createHmac(algorithm, key.reveal()).update(body).digest())
}
