import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { SluiceError } from '../base/errors/index.ts'

/** Encrypts and decrypts data at rest with one key. */
export interface Sealer {
  /** Encrypts; `aad` binds the result to its place (a table and key, say), so that sealed values cannot be swapped. */
  seal(plain: string | Uint8Array, aad: string): Buffer
  /** Decrypts; throws E_CLUSTER_UNSEAL when the key, the data or the place is another one. */
  unseal(sealed: Uint8Array, aad: string): Buffer
}

/** Bytes of a key for {@link createSealer}. */
export const sealingKeyBytes = 32
const format = 1
const nonceBytes = 12
const tagBytes = 16

/**
 * A sealer with AES-256-GCM. Layout: one byte of format, 12 bytes of random nonce, the ciphertext, 16 bytes of tag.
 * Random 96-bit nonces are safe up to 2³² values under one key (NIST SP 800-38D §8.3).
 */
export function createSealer(key: Uint8Array): Sealer {
  if (key.byteLength !== sealingKeyBytes) {
    throw new SluiceError('E_CLUSTER_UNSEAL', {
      object: 'sealing key',
      expected: `${sealingKeyBytes} bytes`,
      seen: `${key.byteLength} bytes`,
    })
  }
  return {
    seal(plain, aad) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(Buffer.from(aad))
      const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
      return Buffer.concat([Buffer.of(format), nonce, body, cipher.final(), cipher.getAuthTag()])
    },
    unseal(sealed, aad) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
      if (bytes.length < 1 + nonceBytes + tagBytes || bytes[0] !== format) throw cannotOpen(aad)
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + nonceBytes))
        decipher.setAAD(Buffer.from(aad))
        decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
        const body = decipher.update(bytes.subarray(1 + nonceBytes, bytes.length - tagBytes))
        return Buffer.concat([body, decipher.final()])
      } catch (cause) {
        throw cannotOpen(aad, cause)
      }
    },
  }
}

function cannotOpen(aad: string, cause?: unknown): SluiceError {
  return new SluiceError('E_CLUSTER_UNSEAL', { object: aad, cause })
}
